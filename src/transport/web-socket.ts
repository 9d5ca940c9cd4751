import type { Socket } from "node:net";
import { MetergateError } from "../domain/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { toHttpError } from "./http-errors.ts";

export interface WebSocketRequest {
  /** ws: or wss:; the peer has to prove its name by TLS. */
  readonly url: URL;
  /** Milliseconds until it has to stand. */
  readonly timeoutMs: number;
  /** Milliseconds without an octet from the peer after which the connection is dead; whoever waits long, waits for pings. */
  readonly idleMs: number;
  readonly signal: AbortSignal;
}

/** A connection that stands. */
export interface OpenedWebSocket {
  /** Text frames as they come, to be read once. @throws MetergateError when the connection is cut or silent for too long */
  readonly messages: AsyncIterable<string>;
  /** Ends the connection; does nothing when it is gone. */
  close(): void;
}

/** Octets that a peer may send until a message is complete, in whatever pieces. */
const MOST_OCTETS = 1_048_576;
/** Characters of messages that wait to be read. */
const MOST_WAITING = 4_194_304;

/**
 * Gives a function that opens WebSockets (RFC 6455) for reading. No redirect is followed and no proxy asked; a message
 * that is too long, and messages that nobody reads, end the connection. Errors name the host and nothing else.
 */
export function openWebSocket(clock: Clock): (request: WebSocketRequest) => Promise<OpenedWebSocket> {
  return async ({ url, timeoutMs, idleMs, signal }) => {
    // Loaded by the first connection: starting the service would wait for it.
    const { Agent, WebSocket, buildConnector } = await import("undici");
    const queue = new MessageQueue();
    let octets = 0;
    let heard = () => {};
    let cut = (_: MetergateError) => {};
    let raw: Socket | undefined;
    let refused: MetergateError | undefined;
    let isEnded = false;
    const connect = buildConnector({ timeout: timeoutMs });
    const dispatcher = new Agent({
      connect: (options, callback) => {
        connect(options, (...[error, socket]) => {
          if (error) {
            refused = toHttpError(error, url);
            return callback(error, null);
          }
          watch(socket);
          callback(null, socket);
        });
      },
    });
    const watch = (socket: Socket) => {
      raw = socket;
      const read = socket.push.bind(socket);
      // Where octets come in: the library keeps the pieces of a message, however many they are.
      socket.push = (chunk: unknown, ...rest) => {
        heard();
        octets += (chunk as Uint8Array | null)?.length ?? 0;
        if (octets > MOST_OCTETS) cut(new MetergateError("ILLEGAL_RESPONSE", `a message of ${url.host} is too long`));
        return read(chunk, ...rest);
      };
    };
    const socket = new WebSocket(url, { dispatcher });
    const end = (error: MetergateError) => {
      if (isEnded) return;
      isEnded = true;
      queue.end(error);
      socket.close();
      // The library would wait for the peer to agree.
      raw?.destroySoon();
      void dispatcher.destroy();
    };
    cut = end;
    return new Promise((resolve, reject) => {
      const fail = (error: MetergateError) => {
        cancel();
        signal.removeEventListener("abort", abort);
        end(error);
        reject(error);
      };
      const silent = () => fail(new MetergateError("COMMUNICATION_TIMEOUT", `${url.host} did not answer in time`));
      const abort = () => fail(new MetergateError("CONNECTION_ERROR", `the connection to ${url.host} is not needed`));
      let cancel = clock.after(timeoutMs, silent);
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      socket.addEventListener("open", () => {
        heard = () => {
          cancel();
          cancel = clock.after(idleMs, silent);
        };
        heard();
        resolve({ messages: queue, close: () => fail(new MetergateError("CONNECTION_ERROR", "closed from this end")) });
      });
      socket.addEventListener("message", ({ data }) => {
        octets = 0;
        if (typeof data === "string" && !queue.put(data)) {
          fail(new MetergateError("CONNECTION_ERROR", `messages of ${url.host} came faster than they were read`));
        }
      });
      socket.addEventListener("error", ({ error }) => fail(refused ?? toHttpError(error ?? {}, url)));
      socket.addEventListener("close", () =>
        fail(new MetergateError("SOCKET_CLOSED_BY_REMOTE", `${url.host} closed the connection`)),
      );
    });
  };
}

/** Messages on their way from who is called with them to who reads them. */
class MessageQueue implements AsyncIterable<string> {
  readonly #waiting: string[] = [];
  #size = 0;
  #error: MetergateError | undefined;
  #wake = () => {};

  /** False: there is no room. */
  put(message: string): boolean {
    this.#waiting.push(message);
    this.#size += message.length;
    this.#wake();
    return this.#size <= MOST_WAITING;
  }

  end(error: MetergateError): void {
    this.#error ??= error;
    this.#wake();
  }

  async *[Symbol.asyncIterator]() {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        this.#size -= next.length;
        yield next;
      } else if (this.#error) throw this.#error;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
