import type { HttpClient } from "../../transport/http-client.ts";

/** Speaks HTTP to the cloud. */
export type Http = Pick<HttpClient, "request" | "stream">;

/** A WebSocket that stands. */
export interface MessageSocket {
  /** Text frames as they come, to be read once. @throws MetergateError when the connection is cut or silent for too long */
  readonly messages: AsyncIterable<string>;
  /** Ends the connection; does nothing when it is gone. */
  close(): void;
}

/** @throws MetergateError when no connection came about */
export type OpenWebSocket = (request: {
  readonly url: URL;
  readonly timeoutMs: number;
  /** Milliseconds without a message or a sign of life after which the connection is dead. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}) => Promise<MessageSocket>;
