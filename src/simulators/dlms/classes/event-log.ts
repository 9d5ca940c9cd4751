import type { CosemData } from "../../../dlms/data.ts";
import { parseObis } from "../../../lib/obis.ts";
import { type Attribute, type CosemObject, readOnly } from "../cosem-object.ts";
import { type EventLogName, logEvent, recordedEvents } from "../events.ts";
import type { Meter } from "../meter.ts";
import { type CaptureObject, CLOCK_COLUMN, capturedValue, profileGeneric, type Row } from "./profile-generic.ts";
import { dataObject } from "./simple-objects.ts";

const HOUR_MS = 3_600_000;
/** Events from before the simulation began lie this far apart. */
const SPACING_MS = 6 * HOUR_MS;

export interface EventLogOptions {
  readonly name: EventLogName;
  readonly logicalName: string;
  /** The object whose value is the code of the latest event. */
  readonly codeObject: string;
  readonly codeType: "unsigned" | "long-unsigned" | "double-long-unsigned";
  /** Most entries, and how many there are from the start. */
  readonly entries: number;
  /** Codes of the events from before the simulation, in turn. */
  readonly codes: readonly number[];
  /** Columns after time and code. */
  readonly extra?: readonly CaptureObject[];
}

/** A log (class 7) of what happened, and the data object (class 1) with the latest code. */
export function eventLog(options: EventLogOptions): CosemObject[] {
  const codeName = parseObis(options.codeObject);
  const codeColumn: CaptureObject = { classId: 1, logicalName: codeName, attribute: 2, dataIndex: 0 };
  const code = (value: number): CosemData => ({ type: options.codeType, value });

  const rows = (meter: Meter, _periodS: number, entries: number): Row[] => {
    const recorded = recordedEvents(meter, options.name);
    const earlier = Math.max(0, entries - recorded.length);
    // Counted from the latest of them, so that they stay as they are when the oldest go.
    const old = Array.from({ length: earlier }, (_, i) => ({
      timeMs: meter.startedAtMs - (earlier - i) * SPACING_MS,
      code: options.codes.at(-1 - ((earlier - i - 1) % options.codes.length))!,
    }));
    return [...old, ...recorded].slice(-entries).map((event, i) => ({
      timeMs: event.timeMs,
      cell: (object) =>
        object.logicalName === codeName ? code(event.code) : capturedValue(meter, object, event.timeMs, i),
    }));
  };
  const latest: Attribute = readOnly(options.codeType, (meter) =>
    code(recordedEvents(meter, options.name).at(-1)?.code ?? options.codes.at(-1)!),
  );
  return [
    dataObject(options.codeObject, latest),
    profileGeneric(options.logicalName, {
      columns: [CLOCK_COLUMN, codeColumn, ...(options.extra ?? [])],
      capturePeriodS: 0,
      entries: options.entries,
      rows,
      cleared: (meter) => logEvent(meter, options.name, "EVENTLOG_CLEARED"),
    }),
  ];
}
