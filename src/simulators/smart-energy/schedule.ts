import type { Clock } from "../../lib/clock.ts";

/** Does things at moments of a clock that a simulated device has, which is some way off that of the machine. */
export class Schedule {
  readonly #clock: Clock;
  #offsetMs = 0;
  readonly #pending = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Epoch milliseconds by the device's clock. */
  nowMs(): number {
    return this.#clock.now() + this.#offsetMs;
  }

  /** Sets the device's clock. What was scheduled keeps its distance, as in devices that count down. */
  setMs(nowMs: number): void {
    this.#offsetMs = nowMs - this.#clock.now();
  }

  /** Does something at a moment, or as soon as can be when it has passed; the returned function calls it off. */
  at(momentMs: number, work: () => void): () => void {
    const cancel = this.#clock.after(Math.max(0, momentMs - this.nowMs()), () => {
      this.#pending.delete(callOff);
      work();
    });
    const callOff = () => {
      this.#pending.delete(callOff);
      cancel();
    };
    this.#pending.add(callOff);
    return callOff;
  }

  /** Does something after so many milliseconds. */
  after(delayMs: number, work: () => void): () => void {
    return this.at(this.nowMs() + delayMs, work);
  }

  /** Calls everything off. */
  stop(): void {
    for (const callOff of [...this.#pending]) callOff();
  }
}
