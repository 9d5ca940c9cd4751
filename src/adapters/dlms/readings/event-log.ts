import { asNumber, type CosemData } from "../../../dlms/data.ts";
import type { DeviceProtocol } from "../../../domain/device.ts";
import type { Unit } from "../../../domain/unit.ts";
import { parseObis } from "../../../lib/obis.ts";
import type { CaptureObject } from "../../../operations/values.ts";
import type { ObjectTag } from "../profiles/index.ts";
import type { CaptureTime } from "./capture-time.ts";
import { type EventType, eventTypeOf } from "./event-codes.ts";
import { CLOCK_TIME } from "./profile-access.ts";
import { ProfileRows } from "./profile-rows.ts";
import { type Scale, scaledText } from "./scaler-unit.ts";

/** What an entry of a log holds behind time and code. */
type Extra = "counter" | "magnitude" | "duration";

/** The logs by their names, which are those of the objects as well. */
const LOGS = {
  STANDARD_EVENT_LOG: [],
  FRAUD_DETECTION_LOG: [],
  COMMUNICATION_SESSION_LOG: ["counter"],
  M_BUS_EVENT_LOG: [],
  POWER_QUALITY_EVENT_LOG: [],
  AUXILIARY_EVENT_LOG: [],
  POWER_QUALITY_EXTENDED_EVENT_LOG: ["magnitude", "duration"],
  POWER_QUALITY_THD_EVENT_LOG: ["magnitude"],
} as const satisfies Partial<Record<ObjectTag, readonly Extra[]>>;

export type EventLog = keyof typeof LOGS;
export const EVENT_LOGS = Object.keys(LOGS) as readonly EventLog[];

/** Voltages and durations of sags (93 to 95) and swells (96 to 98), percentages of harmonic distortion (51 to 59). */
const SCALES: Readonly<Partial<Record<EventLog, ReadonlyMap<Extra, Scale & { from: number; to: number }>>>> = {
  POWER_QUALITY_EXTENDED_EVENT_LOG: new Map([
    ["magnitude", { from: 93, to: 98, scaler: -1, unit: "V" }],
    ["duration", { from: 93, to: 98, scaler: -1, unit: "s" }],
  ]),
  POWER_QUALITY_THD_EVENT_LOG: new Map([["magnitude", { from: 51, to: 59, scaler: 0, unit: "%" }]]),
};

export interface MeterEvent {
  readonly time: CaptureTime;
  /** 0 … 65535 */
  readonly code: number;
  readonly type: EventType;
  /** Number of sessions, in the log of communication sessions: 0 … 65535. */
  readonly counter?: number;
  /** Magnitude and duration, as text with a unit: `230.1 V`. */
  readonly details: readonly EventDetail[];
}

export interface EventDetail {
  readonly name: "magnitude" | "duration";
  readonly value: `${string} ${Unit}`;
}

/** What the columns are does not matter but for the time, which is always the first. */
const SOME_COLUMN: CaptureObject = { ...CLOCK_TIME, classId: 1, logicalName: parseObis("0.0.96.11.0.255") };
/** An event is no capture by period: where its time is left out, it is that of the event before. */
const SAME_TIME = 0;

/** Reads the entries of one log, in the order of the buffer. */
export class EventLogReader {
  readonly #extras: readonly Extra[];
  readonly #scales: ReadonlyMap<Extra, Scale & { from: number; to: number }> | undefined;
  readonly #protocol: DeviceProtocol;
  readonly #rows: ProfileRows;

  /** @param timeZone IANA name of the meter's time zone */
  constructor(log: EventLog, protocol: DeviceProtocol, timeZone: string) {
    this.#extras = LOGS[log];
    this.#scales = SCALES[log];
    this.#protocol = protocol;
    const columns = [CLOCK_TIME, SOME_COLUMN, ...this.#extras.map(() => SOME_COLUMN)];
    this.#rows = new ProfileRows({ columns, step: SAME_TIME, timeZone });
  }

  /**
   * The event that an entry tells.
   * @returns undefined when no time is known for it
   * @throws DlmsError `remote/unexpected-type` when the entry has not just what the entries of this log have
   */
  add(entry: CosemData): MeterEvent | undefined {
    const row = this.#rows.add(entry);
    if (!row) return undefined;
    const [, codeData, ...extras] = row.values;
    const code = asNumber(codeData ?? { type: "null-data" }, "event code");
    const details: EventDetail[] = [];
    let counter: number | undefined;
    for (const [i, name] of this.#extras.entries()) {
      const data = extras[i];
      if (!data) continue;
      if (name === "counter") counter = asNumber(data, "event counter");
      else details.push(...this.#detail(name, code, data));
    }
    const type = eventTypeOf(code, this.#protocol.name);
    return { time: row.time, code, type, ...(counter !== undefined && { counter }), details };
  }

  /** None for a code that has no magnitude or duration, as that the log was cleared. */
  #detail(name: "magnitude" | "duration", code: number, data: CosemData): EventDetail[] {
    const scale = this.#scales?.get(name);
    if (!scale || code < scale.from || code > scale.to) return [];
    const text = scaledText(data, scale.scaler);
    return text === undefined ? [] : [{ name, value: `${text} ${scale.unit}` }];
  }
}
