import { MetergateError } from "../domain/errors.ts";
import type { CounterState, DevicesStore } from "../store/devices.ts";
import type { NewLogEntry } from "../store/message-log.ts";

/** Highest value of an invocation counter: 32 bits, and it never wraps. */
export const HIGHEST_INVOCATION_COUNTER = 2 ** 32 - 1;
/** From here on operators are told: only a new encryption key starts the counter again. */
export const INVOCATION_COUNTER_THRESHOLD = 2_000_000_000;

/** How many ranges may be lent at a time; a device makes one for each counter that it tells without proof. */
const MOST_LENT = 64;
/** Others may change the same counter meanwhile; that many times in a row is a defect. */
const MOST_TRIES = 20;

/** Values that belong to the caller alone; each may be used once, or not at all. */
export interface CounterBlock {
  readonly from: number;
  /** Last value of the block. */
  readonly to: number;
}

function requireCounter(value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > HIGHEST_INVOCATION_COUNTER) {
    throw new MetergateError("ILLEGAL_RESPONSE", `Not an invocation counter: ${value}`);
  }
}

function exhausted(device: string): MetergateError {
  return new MetergateError("INVOCATION_COUNTER_EXHAUSTED", `No invocation counter values are left on ${device}`);
}

function unknownDevice(device: string): MetergateError {
  return new MetergateError("UNKNOWN_DEVICE", `There is no device ${device}`);
}

/** The first run of values at `from` or above that nobody has: at most `count`, ending before what is lent. */
function freeBlock({ lent }: CounterState, from: number, count: number): CounterBlock | undefined {
  let first = from;
  for (const [begin, end] of lent) if (begin <= first && first <= end) first = end + 1;
  if (first > HIGHEST_INVOCATION_COUNTER) return undefined;
  const next = lent.find(([begin]) => begin > first)?.[0] ?? HIGHEST_INVOCATION_COUNTER + 1;
  return { from: first, to: Math.min(first + count, next) - 1 };
}

/** Ranges in ascending order, those that touch as one. */
function merged(ranges: CounterState["lent"]): CounterState["lent"] {
  const result: [number, number][] = [];
  for (const [from, to] of [...ranges].sort(([a], [b]) => a - b)) {
    const last = result.at(-1);
    if (last && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/**
 * Invocation counters of our side, one per device. Values are stored before they are used: after a crash some are
 * skipped, none is used again, because system title and counter together are the GCM nonce (Green Book, security
 * suites). Safe against other processes: every change is one atomic statement.
 *
 * A value that a device told without proof is no reason to move the counter. It is lent: used once, and passed over when
 * the counter comes there.
 */
export class InvocationCounters {
  readonly #devices: DevicesStore;
  readonly #onThreshold: (device: string, counter: number) => void;

  /** @param onThreshold called for each block at or above `INVOCATION_COUNTER_THRESHOLD`; may not throw */
  constructor(devices: DevicesStore, onThreshold: (device: string, counter: number) => void = () => {}) {
    this.#devices = devices;
    this.#onThreshold = onThreshold;
  }

  /**
   * The next value to use, or null when it was never known.
   * @throws MetergateError UNKNOWN_DEVICE
   */
  async current(device: string): Promise<number | null> {
    const counter = await this.#devices.invocationCounter(device);
    if (counter === undefined) throw unknownDevice(device);
    return counter;
  }

  /**
   * Takes `count` values, 1 or more; fewer when the end of the range, or values that are used already, are nearer. A
   * counter that was never known starts at 0.
   * @throws MetergateError INVOCATION_COUNTER_EXHAUSTED when none is left, UNKNOWN_DEVICE
   */
  async reserve(device: string, count: number): Promise<CounterBlock> {
    const block = await this.#reserve(device, count, 0);
    return block ?? (await this.#reserveWhatIsFree(device, count));
  }

  /**
   * As `reserve`, for a counter that was known before.
   * @returns undefined when it never was, and it still is not
   */
  async reserveKnown(device: string, count: number): Promise<CounterBlock | undefined> {
    const block = await this.#reserve(device, count, null);
    if (block || (await this.current(device)) === null) return block;
    return this.#reserveWhatIsFree(device, count);
  }

  async #reserve(device: string, count: number, unknownAs: number | null): Promise<CounterBlock | undefined> {
    const highest = HIGHEST_INVOCATION_COUNTER + 1;
    const next = await this.#devices.addToInvocationCounter(device, count, highest, unknownAs);
    return next === undefined ? undefined : this.#taken(device, { from: next - count, to: next - 1 });
  }

  #taken(device: string, block: CounterBlock): CounterBlock {
    if (block.to + 1 >= INVOCATION_COUNTER_THRESHOLD) this.#onThreshold(device, block.to + 1);
    return block;
  }

  /**
   * Takes `count` values at `from` or above without moving the counter, for a value that the device told and did not
   * prove yet. `raise` when it has.
   * @throws MetergateError INVOCATION_COUNTER_EXHAUSTED when none is left, ILLEGAL_RESPONSE when `from` is no counter or
   * the device told too many, UNKNOWN_DEVICE
   */
  lend(device: string, from: number, count: number): Promise<CounterBlock> {
    requireCounter(from);
    return this.#change(device, (state) => {
      const block = freeBlock(state, Math.max(from, state.counter ?? 0), count);
      if (!block) throw exhausted(device);
      const lent = merged([...state.lent, [block.from, block.to]]);
      if (lent.length > MOST_LENT) {
        const text = `${device} told ${MOST_LENT} invocation counters that it did not prove; raise ours by hand`;
        throw new MetergateError("ILLEGAL_RESPONSE", text);
      }
      return [{ counter: state.counter, lent }, block];
    });
  }

  /**
   * Begins anew at `value`, because there is a new encryption key that was never used: only then does no value come a
   * second time under one key.
   * @param from the counter as it was when the key came; when others have moved it since it stays
   * @returns whether it begins anew
   */
  restart(device: string, value: number, from: number): Promise<boolean> {
    requireCounter(value);
    return this.#change(device, (state) =>
      state.counter === from ? [{ counter: value, lent: [] }, true] : [state, false],
    );
  }

  async #reserveWhatIsFree(device: string, count: number): Promise<CounterBlock> {
    const block = await this.#change(device, (state): readonly [CounterState, CounterBlock] => {
      const block = freeBlock(state, state.counter ?? 0, count);
      if (!block) throw exhausted(device);
      return [{ counter: block.to + 1, lent: state.lent.filter(([, to]) => to > block.to) }, block];
    });
    return this.#taken(device, block);
  }

  /** Replaces the state by what `change` makes of it, as often as somebody else was faster. */
  async #change<T>(device: string, change: (state: CounterState) => readonly [CounterState, T]): Promise<T> {
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const before = await this.#devices.counterState(device);
      if (!before) throw unknownDevice(device);
      const [after, result] = change(before);
      if (after === before || (await this.#devices.replaceCounterState(device, before, after))) return result;
    }
    throw new MetergateError("SERVICE_BUSY", `The invocation counter of ${device} is changed by too many at once`);
  }

  /**
   * Takes over the value that the device reports, if it is higher or none was known.
   * @param value 0 … 2^32 − 1
   * @param evidence what the log gets with it, when an operator ordered it
   * @returns whether it was higher; false when it is the same
   * @throws MetergateError ATTEMPT_TO_LOWER_INVOCATION_COUNTER, ILLEGAL_RESPONSE when it is no counter, UNKNOWN_DEVICE
   */
  async raise(device: string, value: number, evidence: readonly NewLogEntry[] = []): Promise<boolean> {
    requireCounter(value);
    if (await this.#devices.raiseInvocationCounter(device, value, evidence)) return true;
    const current = await this.current(device);
    if (current !== null && value < current) {
      throw new MetergateError(
        "ATTEMPT_TO_LOWER_INVOCATION_COUNTER",
        `The device reports the invocation counter ${value}, lower than ${current} here`,
      );
    }
    return false;
  }
}
