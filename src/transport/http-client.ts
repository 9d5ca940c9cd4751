import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { Dispatcher } from "undici";
import { MetergateError } from "../domain/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { toHttpError } from "./http-errors.ts";
import { type ClientTls, HttpTargets, wasUnsent } from "./http-targets.ts";
import { bareAddress } from "./ip-address.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  /** Whether an address may be connected to; asked of the very address, after the name was resolved. */
  readonly isAllowed: (address: string) => boolean;
  /** Instead of what the client has for all. */
  readonly tls?: ClientTls | undefined;
  /** Milliseconds from the first step to the last octet of the answer; to the last of its headers when it is streamed. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpHead {
  readonly status: number;
  /** By lower-case name; values of a repeated one are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpAnswer extends HttpHead {
  /** Read as UTF-8. */
  readonly body: string;
}

/** An answer whose body is read as it comes. */
export interface HttpStream extends HttpHead {
  /**
   * Chunks as they arrive, to be read once; whoever stops reading ends the connection. Nothing is read ahead of the
   * reader but what the system's buffers hold.
   * @throws MetergateError when the connection is cut, and COMMUNICATION_TIMEOUT when nothing came for too long
   */
  readonly chunks: AsyncIterable<Uint8Array>;
  /** Ends the connection at once; does nothing when it is gone. */
  close(): void;
}

/** Gives all addresses of a name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface HttpClientParts {
  readonly clock: Clock;
  readonly tls?: ClientTls | undefined;
  /** The system's when absent. */
  readonly resolve?: Resolve | undefined;
  /** Octets of an answer that are read; 64 KiB when absent. A stream has no such limit. */
  readonly mostOctets?: number | undefined;
  /** Connections to one target at the same time; further requests wait for one. 16 when absent. */
  readonly mostConnections?: number | undefined;
  /** How long a connection is kept for the next request; not at all when absent. */
  readonly keepAliveMs?: number | undefined;
}

const resolveBySystem: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

/** Set by the client itself, whatever a caller says of them. */
const OWN_HEADERS = ["host", "connection", "content-length", "transfer-encoding", "keep-alive", "upgrade", "expect"];

/**
 * Speaks HTTP to whom it is told to and to nobody else: a name is resolved once for a request, the address is checked, and
 * that address is connected to, so that a name that means something else a moment later changes nothing. No redirect is
 * followed, no proxy asked, and who cannot prove its name by TLS is not spoken to. Errors name host and port, never the
 * rest of an address, a header, or what was said.
 */
export class HttpClient {
  readonly #parts: HttpClientParts;
  readonly #targets: HttpTargets;

  constructor(parts: HttpClientParts) {
    this.#parts = parts;
    this.#targets = new HttpTargets(parts);
  }

  /**
   * Sends a request and reads the whole answer, whatever its status is. It is sent once: an error after the connection
   * was there leaves open whether it was heard.
   * @throws MetergateError UNAUTHORIZED when no address of the host may be connected to; AUTHENTICATION_ERROR when it does
   * not prove its name; ILLEGAL_RESPONSE; COMMUNICATION_TIMEOUT, CONNECTION_ERROR and what else tells how it failed
   */
  async request(request: HttpRequest): Promise<HttpAnswer> {
    const { mostOctets = 65_536 } = this.#parts;
    return this.#inTime(request, async (signal) => {
      const { statusCode, headers, body } = await this.#send(request, signal);
      const chunks: Buffer[] = [];
      let octets = 0;
      for await (const chunk of body as AsyncIterable<Buffer>) {
        octets += chunk.byteLength;
        if (octets > mostOctets)
          throw new MetergateError("ILLEGAL_RESPONSE", `an answer of more than ${mostOctets} octets`);
        chunks.push(chunk);
      }
      return { status: statusCode, headers: oneOfEach(headers), body: Buffer.concat(chunks).toString() };
    });
  }

  /**
   * Sends a request and hands the answer's body on as it comes, for as long as it comes.
   * @param idleMs milliseconds without an octet after which the stream is dead
   * @throws MetergateError as `request`
   */
  async stream(request: HttpRequest, idleMs: number): Promise<HttpStream> {
    const { clock } = this.#parts;
    const ends = new AbortController();
    const lasting = request.signal ? AbortSignal.any([request.signal, ends.signal]) : ends.signal;
    const { statusCode, headers, body } = await this.#inTime(request, (signal) => {
      signal.addEventListener("abort", () => ends.abort(), { once: true });
      return this.#send(request, lasting);
    });
    async function* chunks() {
      let isIdle = false;
      const rest = () =>
        clock.after(idleMs, () => {
          isIdle = true;
          ends.abort();
        });
      let cancel = rest();
      try {
        for await (const chunk of body as AsyncIterable<Buffer>) {
          cancel();
          yield chunk;
          cancel = rest();
        }
      } catch (cause) {
        if (isIdle) throw silent(request, idleMs);
        throw toHttpError(cause, request.url);
      } finally {
        cancel();
        ends.abort();
      }
    }
    return { status: statusCode, headers: oneOfEach(headers), chunks: chunks(), close: () => ends.abort() };
  }

  /** Ends all connections. */
  close(): Promise<void> {
    return this.#targets.close();
  }

  async #inTime<T>(request: HttpRequest, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const ends = new AbortController();
    const cancel = this.#parts.clock.after(request.timeoutMs, () => ends.abort());
    const signal = request.signal ? AbortSignal.any([request.signal, ends.signal]) : ends.signal;
    try {
      return await untilAborted(signal, work(signal));
    } catch (cause) {
      if (ends.signal.aborted) throw silent(request, request.timeoutMs);
      throw toHttpError(cause, request.url);
    } finally {
      cancel();
    }
  }

  async #send(request: HttpRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const { url, method, body = null, tls = this.#parts.tls } = request;
    const addresses = await this.#addressesOf(url);
    const allowed = addresses.map(bareAddress).filter((address) => request.isAllowed(address));
    if (allowed.length === 0) {
      const text = `${url.host} is at ${addresses.join(", ") || "no address"}, where nothing may be sent to`;
      throw new MetergateError("UNAUTHORIZED", text);
    }
    const headers = Object.entries(request.headers).filter(([name]) => !OWN_HEADERS.includes(name.toLowerCase()));
    const path = `${url.pathname}${url.search}`;
    for (const [i, address] of allowed.entries()) {
      const target = await this.#targets.at(url, address, tls);
      try {
        return await target.request({ method, path, headers: Object.fromEntries(headers), body, signal });
      } catch (error) {
        // The next address only when nothing was said to this one.
        if (i === allowed.length - 1 || !wasUnsent(error)) throw error;
      }
    }
    throw new MetergateError("CONNECTION_ERROR", `${url.host} cannot be reached`);
  }

  async #addressesOf({ hostname }: URL): Promise<readonly string[]> {
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    return isIP(host) ? [host] : (this.#parts.resolve ?? resolveBySystem)(host);
  }
}

function silent({ url }: HttpRequest, ms: number): MetergateError {
  return new MetergateError("COMMUNICATION_TIMEOUT", `${url.host} did not answer in time`, { context: { ms } });
}

function oneOfEach(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]),
  );
}

/** What is awaited cannot always be cancelled, such as the resolution of a name. */
function untilAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
