import type { DataAccessResult, GetResult, SelectiveAccess } from "../../../dlms/apdu.ts";
import { asElements, asLogicalName, asNumber, asOctets, type CosemData } from "../../../dlms/data.ts";
import { type ObisCode, parseObis } from "../../../lib/obis.ts";
import { type Attribute, type CosemObject, cosemObject, readOnly, writable } from "../cosem-object.ts";
import type { Meter, StateKey } from "../meter.ts";
import { instantOf, readDateTime } from "../meter-time.ts";
import { fitsShape, OBJECT_DEFINITION, type Shape } from "../shape.ts";
import {
  array,
  doubleLongUnsigned,
  enumerated,
  integer,
  logicalNameOctets,
  longUnsigned,
  NULL_DATA,
  structure,
} from "../values.ts";
import { CLOCK } from "./clock.ts";

/** One column of a profile: an attribute of an object, or one element of it when `dataIndex` is not 0. */
export interface CaptureObject {
  readonly classId: number;
  readonly logicalName: ObisCode;
  readonly attribute: number;
  readonly dataIndex: number;
}

/** One captured row; cells are made when they are asked for. */
export interface Row {
  /** Epoch milliseconds. */
  readonly timeMs: number;
  cell(column: CaptureObject): CosemData;
}

export interface BufferOptions {
  readonly columns: readonly CaptureObject[];
  /** Seconds; 0 when something else than time makes it capture. */
  readonly capturePeriodS: number;
  /** Most rows that are kept on delivery; whoever runs the simulation may arrange more, in attribute 8. */
  readonly entries: number;
  /** Columns that a client may choose, and how many at most; columns and period are fixed without it. */
  readonly selectable?: { readonly columns: readonly CaptureObject[]; readonly most: number };
  /** The rows that the buffer would hold if it had never been cleared, oldest first. */
  readonly rows: (meter: Meter, capturePeriodS: number, entries: number) => readonly Row[];
  /** Runs when a client clears the buffer. */
  readonly cleared?: (meter: Meter) => void;
}

const BY_RANGE = 1;
const BY_ENTRY = 2;
const RANGE: Shape = {
  structure: [OBJECT_DEFINITION, "octet-string", "octet-string", { array: OBJECT_DEFINITION }],
};
const ENTRIES: Shape = {
  structure: ["double-long-unsigned", "double-long-unsigned", "long-unsigned", "long-unsigned"],
};

export const CLOCK_COLUMN: CaptureObject = { classId: 8, logicalName: CLOCK, attribute: 2, dataIndex: 0 };

/** A column as text, for tables: class/logical name/attribute, with data index 0. */
export function column(reference: string): CaptureObject {
  const [classId, logicalName, attribute] = reference.split("/");
  return {
    classId: Number(classId),
    logicalName: parseObis(logicalName!),
    attribute: Number(attribute),
    dataIndex: 0,
  };
}

function definitionOf(object: CaptureObject): CosemData {
  return structure(
    longUnsigned(object.classId),
    logicalNameOctets(object.logicalName),
    integer(object.attribute),
    longUnsigned(object.dataIndex),
  );
}

function parseDefinition(definition: CosemData): CaptureObject {
  const [classId, logicalName, attribute, dataIndex] = asElements(definition);
  return {
    classId: asNumber(classId!),
    logicalName: asLogicalName(logicalName!),
    attribute: asNumber(attribute!),
    dataIndex: asNumber(dataIndex!),
  };
}

function sameColumn(a: CaptureObject, b: CaptureObject): boolean {
  return (
    a.logicalName === b.logicalName &&
    a.classId === b.classId &&
    a.attribute === b.attribute &&
    a.dataIndex === b.dataIndex
  );
}

/** What `object` held when row `row` was captured at `timeMs`; null-data when the meter has no such attribute. */
export function capturedValue(meter: Meter, object: CaptureObject, timeMs: number, row: number): CosemData {
  const found = meter.profile.objects.get(object.logicalName);
  const attribute = found?.classId === object.classId ? found.attributes.get(object.attribute) : undefined;
  if (!attribute) return NULL_DATA;
  const value = attribute.captured?.(meter, timeMs, row) ?? meter.value(attribute);
  if (object.dataIndex === 0) return value;
  return value.type === "structure" ? (value.value[object.dataIndex - 1] ?? NULL_DATA) : NULL_DATA;
}

/**
 * Class 7. The rows follow from the time and the meter's present values, so a buffer costs no memory until it is read;
 * a longer capture period or other columns give other rows at once, as if they had always been captured.
 */
export function profileGeneric(logicalName: string, options: BufferOptions): CosemObject {
  const clearedAtMs: StateKey<{ value: number }> = { create: () => ({ value: Number.NEGATIVE_INFINITY }) };
  const { selectable } = options;
  const initialColumns = array(options.columns.map(definitionOf));
  const initialPeriod = doubleLongUnsigned(options.capturePeriodS);
  const columnsShape: Shape = { array: OBJECT_DEFINITION };
  const captureObjects: Attribute = selectable
    ? writable(columnsShape, initialColumns, { check: (_meter, value) => checkColumns(value, selectable) })
    : readOnly(columnsShape, initialColumns);
  const capturePeriod: Attribute = selectable
    ? writable("double-long-unsigned", initialPeriod)
    : readOnly("double-long-unsigned", initialPeriod);

  const profileEntries = readOnly("double-long-unsigned", doubleLongUnsigned(options.entries));

  const columnsOf = (meter: Meter) => asElements(meter.value(captureObjects)).map(parseDefinition);
  // Rows that an operator of the simulation wrote take the place of all others.
  const buffer: Attribute = readOnly("array", NULL_DATA, {
    selectors: [BY_RANGE, BY_ENTRY],
    read: (meter, access) => readBuffer(meter, rowsOf(meter), columnsOf(meter), access),
  });
  const rowsOf = (meter: Meter): readonly Row[] => {
    const arranged = meter.value(buffer);
    if (arranged.type === "array") return arrangedRows(meter, arranged.value, columnsOf(meter));
    const sinceMs = meter.state(clearedAtMs).value;
    const periodS = asNumber(meter.value(capturePeriod));
    return options.rows(meter, periodS, asNumber(meter.value(profileEntries))).filter((row) => row.timeMs >= sinceMs);
  };
  return cosemObject(
    7,
    1,
    parseObis(logicalName),
    {
      2: buffer,
      3: captureObjects,
      4: capturePeriod,
      5: readOnly("enum", enumerated(1)),
      6: readOnly(OBJECT_DEFINITION, definitionOf(CLOCK_COLUMN)),
      7: readOnly("double-long-unsigned", (meter) => doubleLongUnsigned(rowsOf(meter).length)),
      8: profileEntries,
    },
    {
      // reset
      1: {
        parameter: "integer",
        invoke: (meter) => {
          meter.state(clearedAtMs).value = meter.nowMs();
          meter.store(buffer, NULL_DATA);
          options.cleared?.(meter);
          return "success";
        },
      },
    },
  );
}

/** Rows as they stand, one cell for each column; the first cell is the time, or does not matter. */
function arrangedRows(meter: Meter, rows: readonly CosemData[], columns: readonly CaptureObject[]): Row[] {
  return rows.map((row) => {
    const cells = row.type === "structure" ? row.value : [];
    const [time] = cells;
    const timeMs = time?.type === "octet-string" ? momentOf(meter, time.value) : null;
    return {
      timeMs: timeMs ?? 0,
      cell: (object) => cells[columns.findIndex((column) => sameColumn(column, object))] ?? NULL_DATA,
    };
  });
}

function checkColumns(
  value: CosemData,
  selectable: { readonly columns: readonly CaptureObject[]; readonly most: number },
): DataAccessResult {
  const chosen = asElements(value).map(parseDefinition);
  if (chosen.length > selectable.most) return "other-reason";
  const known = (object: CaptureObject) =>
    sameColumn(object, CLOCK_COLUMN) || selectable.columns.some((other) => sameColumn(object, other));
  return chosen.every(known) ? "success" : "other-reason";
}

function readBuffer(
  meter: Meter,
  rows: readonly Row[],
  columns: readonly CaptureObject[],
  access: SelectiveAccess | undefined,
): GetResult {
  if (!access) return { data: table(rows, columns) };
  return access.selector === BY_RANGE
    ? readRange(meter, rows, columns, access.parameters)
    : readEntries(rows, columns, access.parameters);
}

function table(rows: readonly Row[], columns: readonly CaptureObject[]): CosemData {
  return array(rows.map((row) => structure(...columns.map((object) => row.cell(object)))));
}

/** Range descriptor: rows from one moment to another, both included; an empty column list means all columns. */
function readRange(
  meter: Meter,
  rows: readonly Row[],
  columns: readonly CaptureObject[],
  parameters: CosemData,
): GetResult {
  if (!fitsShape(parameters, RANGE)) return { error: "type-unmatched" };
  const [restricting, from, to, selected] = asElements(parameters);
  if (!sameColumn(parseDefinition(restricting!), CLOCK_COLUMN)) return { error: "other-reason" };
  const fromMs = momentOf(meter, asOctets(from!));
  const toMs = momentOf(meter, asOctets(to!));
  const named = asElements(selected!).map(parseDefinition);
  const chosen = named.length === 0 ? columns : named;
  const captured = chosen.every((object) => columns.some((other) => sameColumn(object, other)));
  if (fromMs === null || toMs === null || !captured) return { error: "other-reason" };
  return {
    data: table(
      rows.filter((row) => row.timeMs >= fromMs && row.timeMs <= toMs),
      chosen,
    ),
  };
}

function momentOf(meter: Meter, dateTime: Uint8Array): number | null {
  const parts = readDateTime(dateTime);
  return parts && instantOf(parts, meter.zone);
}

/** Entry descriptor: rows and columns by position, counted from 1, both included; 0 as the end means the last one. */
function readEntries(rows: readonly Row[], columns: readonly CaptureObject[], parameters: CosemData): GetResult {
  if (!fitsShape(parameters, ENTRIES)) return { error: "type-unmatched" };
  const [fromRow = 0, toRow, fromColumn = 0, toColumn] = asElements(parameters).map((position) => asNumber(position));
  return {
    data: table(
      rows.slice(Math.max(0, fromRow - 1), toRow || undefined),
      columns.slice(Math.max(0, fromColumn - 1), toColumn || undefined),
    ),
  };
}
