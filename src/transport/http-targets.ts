import type { buildConnector, Pool } from "undici";
import { sha256Hex } from "../lib/sha256.ts";

/** With what we prove who we are, and whom we believe; PEM. */
export interface ClientTls {
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
  /** Certificates of authorities, or the very one of a device that signed its own; those of Node.js when absent. */
  readonly authorities?: string | undefined;
  /** The name that the certificate has to be for, where it is not the host that is connected to. */
  readonly serverName?: string | undefined;
}

/** Targets that connections are kept for; beyond it, the one that was used least lately is closed. */
const MOST_TARGETS = 1000;
/** What a target may say before its answer's body, in octets. */
const MOST_HEADER_OCTETS = 16_384;

const UNSENT = Symbol("unsent");

/** Whether a request failed before a word of it was said: no connection came about. */
export function wasUnsent(error: unknown): boolean {
  return (error as { [UNSENT]?: boolean })[UNSENT] === true;
}

/** The connections to each target, which is an address, a name for it, and what is believed of it. */
export class HttpTargets {
  readonly #settings: { readonly mostConnections?: number | undefined; readonly keepAliveMs?: number | undefined };
  readonly #pools = new Map<string, Pool>();

  constructor(settings: { mostConnections?: number | undefined; keepAliveMs?: number | undefined }) {
    this.#settings = settings;
  }

  /** @param address the one to connect to, which was checked */
  async at(url: URL, address: string, tls: ClientTls = {}): Promise<Pool> {
    // Loaded by the first request: starting the service would wait for it.
    const undici = await import("undici");
    const key = `${url.origin} ${address} ${url.protocol === "https:" ? sha256Hex(JSON.stringify(tls)) : ""}`;
    const pool = this.#pools.get(key) ?? this.#open(undici, url, address, tls);
    this.#pools.delete(key);
    this.#pools.set(key, pool);
    for (const [oldest, each] of this.#pools) {
      if (this.#pools.size <= MOST_TARGETS) break;
      this.#pools.delete(oldest);
      // What is under way there comes to its end.
      void each.close();
    }
    return pool;
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map((pool) => pool.destroy()));
  }

  #open(undici: typeof import("undici"), url: URL, address: string, tls: ClientTls): Pool {
    const { mostConnections = 16, keepAliveMs } = this.#settings;
    const { certificate, key, authorities, serverName } = tls;
    const connect = undici.buildConnector({
      timeout: 0,
      ...(certificate !== undefined && { cert: certificate }),
      ...(key !== undefined && { key }),
      ...(authorities !== undefined && { ca: authorities }),
    });
    const connector: buildConnector.connector = (options, callback) => {
      const where = { ...options, hostname: address, ...(serverName !== undefined && { servername: serverName }) };
      connect(where, (...[error, socket]) => {
        if (error) callback(Object.assign(error, { [UNSENT]: true }), null);
        else callback(null, socket);
      });
    };
    return new undici.Pool(url.origin, {
      connect: connector,
      connections: mostConnections,
      // Times are kept by the clock of whoever asks.
      ...{ headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: MOST_HEADER_OCTETS },
      // 0 closes a connection after each answer.
      ...(keepAliveMs === undefined
        ? { pipelining: 0 }
        : { keepAliveTimeout: keepAliveMs, keepAliveMaxTimeout: keepAliveMs }),
    });
  }
}
