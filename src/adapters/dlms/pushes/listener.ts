import { concatBytes } from "../../../lib/bytes.ts";
import { type Clock, type Elapsed, plus } from "../../../lib/clock.ts";
import { listenTcp, listenUdp, type StreamHandler } from "../../../transport/open-listener.ts";
import type { OpenPort } from "../../../transport/open-port.ts";
import { sourceOf } from "../../../transport/source.ts";
import { type PushTransport, pushLength } from "./decode.ts";

/** No format comes near; what is longer is not a push. */
const LONGEST_MESSAGE = 512;
/** A DSMR4 message has no length: it ends when it has this many octets, or when its sender pauses or closes. */
const LONGEST_DSMR4 = 24;
const PAUSE_MS = 1_000;
const LIMITS = { connections: 2_000, connectionsPerSource: 16, idleTimeoutMs: 30_000 };
/** Messages of one source that are read in a window; more are dropped unread. */
const MESSAGES_PER_WINDOW = 120;
const WINDOW_MS = 60_000;
/** Sources that are counted at once; when there are more, counting starts again. */
const MOST_SOURCES = 100_000;

export type PushHandler = (message: Uint8Array, transport: PushTransport, source: string) => void;

/** Counts messages per source, so that one that floods us costs the others nothing. */
class SourceBudget {
  readonly #clock: Clock;
  #windowEnds: Elapsed | undefined;
  #counts = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether one more message of this source is to be read. */
  allows(source: string): boolean {
    const now = this.#clock.elapsed();
    if (this.#windowEnds === undefined || now >= this.#windowEnds || this.#counts.size >= MOST_SOURCES) {
      this.#counts = new Map();
      this.#windowEnds = plus(now, WINDOW_MS);
    }
    const count = (this.#counts.get(source) ?? 0) + 1;
    this.#counts.set(source, count);
    return count <= MESSAGES_PER_WINDOW;
  }
}

/** Cuts the octets of one connection into messages. */
export class PushStream implements StreamHandler {
  #buffer: Uint8Array = new Uint8Array(0);
  #cancelPause = () => {};
  readonly #clock: Clock;
  readonly #deliver: (message: Uint8Array) => void;

  constructor(clock: Clock, deliver: (message: Uint8Array) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
  }

  data(octets: Uint8Array): boolean {
    this.#cancelPause();
    this.#buffer = concatBytes(this.#buffer, octets);
    while (this.#buffer.length > 8) {
      const length = pushLength(this.#buffer);
      if (length !== undefined && length > LONGEST_MESSAGE) return false;
      if (this.#buffer.length < (length ?? LONGEST_DSMR4)) break;
      this.#take(length ?? LONGEST_DSMR4);
    }
    if (this.#buffer.length > 0) this.#cancelPause = this.#clock.after(PAUSE_MS, () => this.#take(this.#buffer.length));
    return true;
  }

  end(): void {
    this.#cancelPause();
    if (this.#buffer.length > 0) this.#take(this.#buffer.length);
  }

  #take(length: number): void {
    const message = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    this.#deliver(message);
  }
}

/**
 * Opens TCP and UDP on one port for what devices push.
 * @param port 0 takes a free one; UDP then gets the same number as TCP
 */
export async function listenForPushes(
  host: string,
  port: number,
  clock: Clock,
  handle: PushHandler,
): Promise<OpenPort> {
  const budget = new SourceBudget(clock);
  const deliver = (message: Uint8Array, transport: PushTransport, source: string) => {
    if (budget.allows(sourceOf(source))) handle(message, transport, source);
  };
  const tcp = await listenTcp(
    host,
    port,
    LIMITS,
    (source) => new PushStream(clock, (message) => deliver(message, "tcp", source)),
  );
  try {
    const udp = await listenUdp(host, tcp.port, (datagram, source) => {
      if (datagram.length <= LONGEST_MESSAGE) deliver(datagram, "udp", source);
    });
    return {
      port: tcp.port,
      close: async () => {
        await Promise.all([tcp.close(), udp.close()]);
      },
    };
  } catch (error) {
    await tcp.close();
    throw error;
  }
}
