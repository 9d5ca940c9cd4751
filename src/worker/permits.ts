import { Snooze } from "../domain/adapter.ts";
import { type Clock, since, sleep } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";

/** Where permits come from; all nodes take from one stock. */
export interface PermitStock {
  take(wish: {
    readonly id: string;
    readonly network: string;
    readonly segment?: string | undefined;
    readonly limits: PermitLimits;
    readonly forMs: number;
  }): Promise<boolean>;
  give(id: string): Promise<void>;
}

/** 0 is no limit. */
export interface PermitLimits {
  readonly open: number;
  readonly openInSegment: number;
  readonly perSecond: number;
}

/** A permit of somebody who died comes back by itself. */
const EXPIRES_MS = 3_600_000;
/** Priorities above this one go before others: they may wait for a permit, and come back soon. */
const NORMAL_PRIORITY = 4;
const URGENT_WAIT_MS = 10_000;
const URGENT_EVERY_MS = 1_000;
const URGENT_BACK_MS = 2_000;
/** How long others are put back: not all for the same time. */
const BACK_MS = { least: 50_000, spread: 20_000 };

/** Permits for connections to devices; see `docs/queue.md`. */
export class Permits {
  readonly #stock: PermitStock;
  readonly #limits: PermitLimits;
  readonly #openInSegments: ReadonlyMap<string, number>;
  readonly #clock: Clock;
  readonly #random: Random;

  /** @param openInSegments what some segments take in place of `limits.openInSegment` */
  constructor(
    stock: PermitStock,
    limits: PermitLimits,
    clock: Clock,
    random: Random,
    openInSegments: Readonly<Record<string, number>> = {},
  ) {
    this.#stock = stock;
    this.#limits = limits;
    this.#openInSegments = new Map(Object.entries(openInSegments));
    this.#clock = clock;
    this.#random = random;
  }

  /**
   * Takes a permit.
   * @returns what gives it back
   * @throws Snooze when there is none: it costs no retry, and nobody is told
   */
  async take(
    network: string,
    segment: string | undefined,
    priority: number,
    signal: AbortSignal,
  ): Promise<() => Promise<void>> {
    const id = this.#random.uuid();
    const isUrgent = priority > NORMAL_PRIORITY;
    const began = this.#clock.elapsed();
    for (;;) {
      if (await this.#try(id, network, segment)) return () => this.#stock.give(id).catch(() => {});
      if (!isUrgent || signal.aborted || since(this.#clock, began) >= URGENT_WAIT_MS) break;
      await sleep(this.#clock, URGENT_EVERY_MS, signal);
    }
    const [dice] = this.#random.bytes(1);
    const delayMs = isUrgent ? URGENT_BACK_MS : BACK_MS.least + (BACK_MS.spread * dice!) / 255;
    throw new Snooze(Math.round(delayMs), "no more connections may be made now");
  }

  /** A stock that cannot be asked has none. */
  #try(id: string, network: string, segment: string | undefined): Promise<boolean> {
    const openInSegment = this.#openInSegments.get(segment ?? "") ?? this.#limits.openInSegment;
    const wish = { id, network, segment, limits: { ...this.#limits, openInSegment }, forMs: EXPIRES_MS };
    return this.#stock.take(wish).catch(() => false);
  }
}
