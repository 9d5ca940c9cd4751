import type { RecordValues } from "../../smart-energy/records.ts";
import { DUPLICATE_EXISTS, INSUFFICIENT_SPACE, NOT_FOUND, SUCCESS } from "../../smart-energy/status.ts";
import { UNVERIFIED } from "../../smart-energy/unverified.ts";
import { type Entry, isActive, overlap } from "./entry.ts";
import type { Schedule } from "./schedule.ts";

/**
 * What happens when two would be active together. `together`: both are. `newer`: the one that was published later, by its
 * number, takes the time of the other. `refused`: the second is not taken.
 */
export type Overlaps = "together" | "newer" | "refused";

export interface EntryListOptions {
  readonly schedule: Schedule;
  readonly overlaps: Overlaps;
  readonly capacity?: number;
  /** Told when which are active has changed, and only then. */
  onActive?(active: readonly Entry[]): void;
}

/** A list of what is to come and what is; what is over goes by itself. */
export class EntryList {
  readonly #options: EntryListOptions;
  #entries: Entry[] = [];
  #active = "";
  #cancelTimer = () => {};

  constructor(options: EntryListOptions) {
    this.#options = options;
  }

  /** In the order in which they came. */
  get entries(): readonly Entry[] {
    return this.#entries;
  }

  find(id: number): Entry | undefined {
    return this.#entries.find((entry) => entry.id === id);
  }

  active(): readonly Entry[] {
    const nowMs = this.#options.schedule.nowMs();
    return this.#entries.filter((entry) => isActive(entry, nowMs));
  }

  /** @returns a ZCL status; nothing changes unless it is success */
  add(entry: Entry): number {
    const { schedule, overlaps, capacity = UNVERIFIED.capacity } = this.#options;
    if (entry.endMs <= schedule.nowMs()) return UNVERIFIED.invalidEvent;
    if (this.find(entry.id)) return DUPLICATE_EXISTS;
    const others = overlaps === "together" ? [] : this.#entries.filter((each) => overlap(each, entry));
    if (others.length > 0 && (overlaps === "refused" || others.some(({ id }) => id > entry.id))) {
      return UNVERIFIED.overlap;
    }
    const isReplaced = (each: Entry) => others.includes(each) && each.startMs >= entry.startMs;
    const left = this.#entries.filter((each) => !isReplaced(each));
    if (left.length >= capacity) return INSUFFICIENT_SPACE;
    for (const each of others) each.endMs = Math.min(each.endMs, entry.startMs);
    this.#entries = [...left, entry];
    this.#settle();
    return SUCCESS;
  }

  /** @returns NOT_FOUND when there is none of this number */
  remove(id: number): number {
    if (!this.find(id)) return NOT_FOUND;
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
    this.#settle();
    return SUCCESS;
  }

  /** Ends one before its time. */
  endAt(id: number, endMs: number): void {
    const entry = this.find(id);
    if (!entry) return;
    entry.endMs = Math.min(entry.endMs, endMs);
    this.#settle();
  }

  /** Has one say something else. */
  update(id: number, values: RecordValues): void {
    const entry = this.find(id);
    if (!entry) return;
    this.#entries = this.#entries.map((each) => (each === entry ? { ...entry, values } : each));
    if (isActive(entry, this.#options.schedule.nowMs())) this.#options.onActive?.(this.active());
  }

  clear(): void {
    this.#entries = [];
    this.#settle();
  }

  /** Lets go what is over, tells what changed, and looks again when the next one begins or ends. */
  #settle(): void {
    this.#cancelTimer();
    const { schedule, onActive } = this.#options;
    const nowMs = schedule.nowMs();
    this.#entries = this.#entries.filter(({ endMs }) => endMs > nowMs);
    const active = this.active();
    const names = active.map(({ id }) => id).join();
    const moments = this.#entries.flatMap(({ startMs, endMs }) => [startMs, endMs]).filter((moment) => moment > nowMs);
    const next = Math.min(...moments);
    if (Number.isFinite(next)) this.#cancelTimer = schedule.at(next, () => this.#settle());
    if (names === this.#active) return;
    this.#active = names;
    onActive?.(active);
  }
}
