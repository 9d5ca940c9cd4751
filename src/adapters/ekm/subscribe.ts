import { MetergateError } from "../../domain/errors.ts";
import { BACKLOG } from "../../ekm/unverified.ts";
import { JsonStream } from "./codec/json-stream.ts";
import type { Http, MessageSocket, OpenWebSocket } from "./ports.ts";

/** Where the messages of a response channel come from. */
export interface ChannelPlace {
  /** Of the cloud; the channel is reached by the same scheme. */
  readonly secure: boolean;
  /** Host name, with a port where it is not the usual one. */
  readonly host: string;
  readonly channel: string;
  readonly transport: "http" | "websocket";
}

export interface Subscriber {
  readonly http: Http;
  readonly openWebSocket: OpenWebSocket;
}

/** Milliseconds until a subscription has to stand. */
export const SUBSCRIBE_TIMEOUT_MS = 10_000;
/** A stream that says nothing for so long is opened anew: a connection may be gone without anybody having said so. */
const IDLE_MS = 300_000;

/**
 * Begins to listen to a channel.
 * @param backlog whether to begin with what was said there before
 * @throws MetergateError when the subscription does not come to stand
 */
export async function subscribe(
  { http, openWebSocket }: Subscriber,
  { secure, host, channel, transport }: ChannelPlace,
  backlog: boolean,
  signal: AbortSignal,
): Promise<MessageSocket> {
  const name = `${encodeURIComponent(channel)}${backlog ? BACKLOG.suffix(BACKLOG.messages) : ""}`;
  const s = secure ? "s" : "";
  const waits = { timeoutMs: SUBSCRIBE_TIMEOUT_MS, signal };
  if (transport === "websocket") {
    return openWebSocket({ url: new URL(`ws${s}://${host}/ws/${name}`), ...waits, idleMs: IDLE_MS });
  }
  const url = new URL(`http${s}://${host}/sub/${name}`);
  const stream = await http.stream(
    { method: "GET", url, headers: { accept: "application/json" }, isAllowed: () => true, ...waits },
    IDLE_MS,
  );
  if (stream.status !== 200) {
    stream.close();
    throw new MetergateError("CONNECTION_ERROR", `${host} answered HTTP ${stream.status} to a subscription`);
  }
  async function* messages() {
    const objects = new JsonStream();
    for await (const chunk of stream.chunks) yield* objects.push(chunk);
  }
  return { messages: messages(), close: () => stream.close() };
}
