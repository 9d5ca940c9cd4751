import { lookup } from "node:dns/promises";
import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { isIP } from "node:net";
import { MetergateError } from "../domain/errors.ts";
import type { Clock } from "../lib/clock.ts";
import { bareAddress } from "./ip-address.ts";

/** With what we prove who we are, and whom we believe; PEM. */
export interface ClientTls {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** Certificates of authorities; those of Node.js when absent. */
  readonly authorities?: string | undefined;
}

export interface HttpPost {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether an address may be connected to; asked of the very address, after the name was resolved. */
  readonly isAllowed: (address: string) => boolean;
  /** From the first step to the last octet of the answer. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Gives all addresses of a name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

export interface HttpClientParts {
  readonly clock: Clock;
  readonly tls?: ClientTls | undefined;
  /** The system's when absent. */
  readonly resolve?: Resolve | undefined;
  /** Octets of an answer that are read; 64 KiB when absent. */
  readonly mostOctets?: number | undefined;
}

const resolveBySystem: Resolve = async (host) =>
  (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address);

/**
 * Speaks HTTP to whom it is told to and to nobody else: the name is resolved once, the address is checked, and that
 * address is connected to, so that a name that means something else a moment later changes nothing. No redirect is
 * followed, no proxy asked, no connection kept.
 */
export class HttpClient {
  readonly #parts: HttpClientParts;

  constructor(parts: HttpClientParts) {
    this.#parts = parts;
  }

  /**
   * Posts a body and reads the whole answer, whatever its status is.
   * @throws MetergateError UNAUTHORIZED when no address of the host may be connected to; CONNECTION_ERROR,
   * COMMUNICATION_TIMEOUT, ILLEGAL_RESPONSE
   */
  async post(post: HttpPost): Promise<HttpAnswer> {
    const { clock } = this.#parts;
    const ends = new AbortController();
    const cancel = clock.after(post.timeoutMs, () => ends.abort());
    const signal = post.signal ? AbortSignal.any([post.signal, ends.signal]) : ends.signal;
    try {
      return await untilAborted(signal, this.#post(post, signal));
    } catch (cause) {
      if (cause instanceof MetergateError) throw cause;
      if (ends.signal.aborted) {
        throw new MetergateError("COMMUNICATION_TIMEOUT", `${post.url.host} did not answer in time`, { cause });
      }
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new MetergateError("CONNECTION_ERROR", `${code ?? message} on the connection to ${post.url.host}`, {
        cause,
      });
    } finally {
      cancel();
    }
  }

  async #post(post: HttpPost, signal: AbortSignal): Promise<HttpAnswer> {
    const addresses = await this.#addressesOf(post.url);
    const allowed = addresses.filter((address) => post.isAllowed(bareAddress(address)));
    if (allowed.length === 0) {
      const text = `${post.url.host} is at ${addresses.join(", ") || "no address"}, where nothing may be sent to`;
      throw new MetergateError("UNAUTHORIZED", text);
    }
    for (const [i, address] of allowed.entries()) {
      try {
        return await this.#postTo(address, post, signal);
      } catch (error) {
        // The next address only when nothing was said to this one.
        if (i === allowed.length - 1 || !(error as { isUnsent?: boolean }).isUnsent) throw error;
      }
    }
    throw new MetergateError("CONNECTION_ERROR", `${post.url.host} cannot be reached`);
  }

  async #addressesOf({ hostname }: URL): Promise<readonly string[]> {
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    return isIP(host) ? [host] : (this.#parts.resolve ?? resolveBySystem)(host);
  }

  #postTo(address: string, { url, headers, body }: HttpPost, signal: AbortSignal): Promise<HttpAnswer> {
    const { tls, mostOctets = 65_536 } = this.#parts;
    const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
    const secure = url.protocol === "https:";
    const options = {
      host: bareAddress(address),
      port: url.port || (secure ? 443 : 80),
      path: `${url.pathname}${url.search}`,
      method: "POST",
      headers: { ...headers, host: url.host, "content-length": Buffer.byteLength(body), connection: "close" },
      agent: false as const,
      signal,
      ...(isIP(host) ? {} : { servername: host }),
      ...(secure && { cert: tls?.certificate, key: tls?.key, ca: tls?.authorities }),
    };
    return new Promise((resolve, reject) => {
      const request: ClientRequest = (secure ? requestHttps : requestHttp)(options, (response) => {
        readAnswer(response, mostOctets).then(resolve, (error) => {
          request.destroy();
          reject(error);
        });
      });
      let isConnected = false;
      request.on("socket", (socket) =>
        socket.once(secure ? "secureConnect" : "connect", () => {
          isConnected = true;
        }),
      );
      request.on("error", (error) => reject(isConnected ? error : Object.assign(error, { isUnsent: true })));
      request.end(body);
    });
  }
}

async function readAnswer(response: IncomingMessage, mostOctets: number): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    octets += chunk.byteLength;
    if (octets > mostOctets)
      throw new MetergateError("ILLEGAL_RESPONSE", `an answer of more than ${mostOctets} octets`);
    chunks.push(chunk);
  }
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() };
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
