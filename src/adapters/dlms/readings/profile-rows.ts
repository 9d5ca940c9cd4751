import { asElements, type CosemData } from "../../../dlms/data.ts";
import { DlmsError } from "../../../dlms/errors.ts";
import type { CaptureObject } from "../../../operations/values.ts";
import { type CaptureStep, type CaptureTime, CaptureTimes, type TimeOrder } from "./capture-time.ts";
import { isClockTime } from "./profile-access.ts";

/** One entry of a profile, complete. */
export interface ProfileRow {
  readonly time: CaptureTime;
  /** A value per column, undefined where none was ever told. That of the clock is as it was sent. */
  readonly values: readonly (CosemData | undefined)[];
}

export interface ProfileLayout {
  /** What the entries hold, in order; one of them is the clock. */
  readonly columns: readonly CaptureObject[];
  /** How far entries are apart, for those that have no time of their own; without it they are left out. */
  readonly step?: CaptureStep | undefined;
  /** IANA name of the meter's time zone. */
  readonly timeZone: string;
  /** Which way the buffer runs; ascending unless told. */
  readonly order?: TimeOrder | undefined;
}

/**
 * Makes a profile's entries complete, one after the other in the order of the buffer. Meters may leave out what follows
 * from the entry before (Blue Book, class 7, attribute buffer): null-data stands for the same value, and for the time one
 * step later; a delta type stands for the difference.
 */
export class ProfileRows {
  readonly #layout: ProfileLayout;
  readonly #clock: number;
  readonly #times: CaptureTimes;
  #time: CaptureTime | undefined;
  #values: readonly (CosemData | undefined)[] = [];

  /** @throws DlmsError `remote/unexpected-type` when no column is the clock's time */
  constructor(layout: ProfileLayout) {
    this.#layout = layout;
    this.#times = new CaptureTimes(layout.timeZone, layout.order);
    this.#clock = layout.columns.findIndex(isClockTime);
    if (this.#clock < 0) throw new DlmsError("remote/unexpected-type", "a profile does not capture the time");
  }

  /**
   * The entry that `data` stands for.
   * @returns undefined when its time is not known: it has none, and nor had any before it
   * @throws DlmsError `remote/unexpected-type` for another number of values than there are columns
   */
  add(data: CosemData): ProfileRow | undefined {
    const elements = asElements(data, "entry");
    const { columns, step } = this.#layout;
    if (elements.length !== columns.length) {
      const message = `an entry of a profile has ${elements.length} values, not ${columns.length}`;
      throw new DlmsError("remote/unexpected-type", message);
    }
    const before = this.#values;
    this.#values = elements.map((element, i) => (i === this.#clock ? element : complete(element, before[i])));
    const told = this.#times.decode(elements[this.#clock]!, this.#time);
    const follows = told === undefined && this.#time && step !== undefined;
    this.#time = follows ? this.#times.next(this.#time!, step) : told;
    return this.#time && { time: this.#time, values: this.#values };
  }
}

function complete(data: CosemData, before: CosemData | undefined): CosemData | undefined {
  switch (data.type) {
    case "null-data":
      return before;
    case "delta-integer":
    case "delta-long":
    case "delta-double-long":
    case "delta-unsigned":
    case "delta-long-unsigned":
    case "delta-double-long-unsigned":
      return sum(before, data.value);
    default:
      return data;
  }
}

function sum(before: CosemData | undefined, difference: number): CosemData {
  switch (before?.type) {
    case "integer":
    case "long":
    case "double-long":
    case "unsigned":
    case "long-unsigned":
    case "double-long-unsigned":
      return { type: before.type, value: before.value + difference };
    case "long64":
    case "long64-unsigned":
      return { type: before.type, value: before.value + BigInt(difference) };
    default:
      throw new DlmsError("remote/unexpected-type", `a difference to ${before?.type ?? "no value"}`);
  }
}

/** Whether an entry was captured in this time, both ends included. Meters send more than was asked for. */
export function isWithin({ time }: ProfileRow, fromMs: number, toMs: number): boolean {
  return time.epochMs >= fromMs && time.epochMs <= toMs;
}

/** Entries by time, those of the same time in the order of the buffer: after a clock was set, that may not be the same. */
export function inTimeOrder(rows: readonly ProfileRow[]): ProfileRow[] {
  return [...rows].sort((a, b) => a.time.epochMs - b.time.epochMs);
}
