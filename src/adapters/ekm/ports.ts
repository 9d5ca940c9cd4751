import type { SecretType } from "../../domain/device.ts";
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

/** Who reads a secret, for the audit. */
export interface SecretPurpose {
  readonly purpose: string;
  readonly correlationUid?: string | undefined;
}

/** Keys and passwords of gateways and meters. */
export interface SecretStore {
  /** The secret in use, or null when there is none. The octets are the caller's to keep short-lived. */
  getActive(device: string, type: SecretType, purpose: SecretPurpose): Promise<Uint8Array | null>;
}
