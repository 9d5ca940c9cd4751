/** How much of something may be in use at the same time. */
export interface QuotaLimits {
  readonly inAll: number;
  /** Less than `inAll`: whoever takes all of its own leaves something to the others. */
  readonly perSource: number;
}

/** Counts what is in use, in all and per source. A source is whatever text names a caller. */
export class Quota {
  readonly #limits: QuotaLimits;
  readonly #bySource = new Map<string, number>();
  #inUse = 0;

  constructor(limits: QuotaLimits) {
    this.#limits = limits;
  }

  /** Takes `amount` if that is within the limits; what was taken is given back with {@link give}. */
  take(source: string, amount = 1): boolean {
    const mine = (this.#bySource.get(source) ?? 0) + amount;
    if (mine > this.#limits.perSource || this.#inUse + amount > this.#limits.inAll) return false;
    this.#bySource.set(source, mine);
    this.#inUse += amount;
    return true;
  }

  give(source: string, amount = 1): void {
    const mine = (this.#bySource.get(source) ?? 0) - amount;
    if (mine > 0) this.#bySource.set(source, mine);
    else this.#bySource.delete(source);
    this.#inUse -= amount;
  }
}
