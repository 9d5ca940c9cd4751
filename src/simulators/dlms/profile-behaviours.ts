import type { AttributeReference, GetResult } from "../../dlms/apdu.ts";
import { asElements, type CosemData, cosem, type TypeDescription } from "../../dlms/data.ts";
import { encodeData } from "../../dlms/data-codec.ts";
import { equalBytes } from "../../lib/bytes.ts";
import type { Behaviour } from "./behaviour.ts";
import type { Meter } from "./meter.ts";

/** How meters differ in what they tell of their profiles, and in what they let be asked. */

const PROFILE_GENERIC = 7;
const BUFFER = 2;
const CAPTURE_PERIOD = 4;
const SORT_METHOD = 5;
const LAST_IN_FIRST_OUT = 2;
const BY_RANGE = 1;
const DAY_MS = 86_400_000;

type Row = readonly CosemData[];

function isBuffer({ classId, attribute }: AttributeReference): boolean {
  return classId === PROFILE_GENERIC && attribute === BUFFER;
}

/** Has the rows of each profile be told otherwise. */
function rowsAs(
  name: string,
  change: (rows: readonly Row[], reference: AttributeReference, meter: Meter) => readonly Row[],
): Behaviour {
  return {
    name,
    read: (result, reference, meter) => {
      if (!isBuffer(reference) || !("data" in result) || result.data.type !== "array") return result;
      const rows = asElements(result.data).map((row) => asElements(row));
      return { data: cosem.array(change(rows, reference, meter).map((row) => cosem.structure(row))) };
    },
  };
}

/** Has no rows in its profiles and logs. */
export const profileEmpty = (): Behaviour => rowsAs("profile-empty", () => []);

/** Leaves every `every`-th row out. */
export const profileGaps = (every = 4): Behaviour =>
  rowsAs("profile-gaps", (rows) => rows.filter((_, i) => i % every !== every - 1));

/**
 * Leaves out what follows from the row before (Blue Book, class 7, buffer): the time where it is one period later, and
 * a value that is the same.
 */
export const profileNullData = (): Behaviour =>
  rowsAs("profile-null-data", (rows, reference, meter) => {
    const period = meter.read(PROFILE_GENERIC, reference.logicalName, CAPTURE_PERIOD);
    const stepMs = period.type === "double-long-unsigned" ? period.value * 1000 : 0;
    return rows.map((row, i) => {
      const before = rows[i - 1];
      if (!before) return row;
      return row.map((cell, column) => {
        const isLeftOut = column === 0 ? isNext(cell, before[0]!, stepMs) : isSame(cell, before[column]!);
        return isLeftOut ? cosem.nullData() : cell;
      });
    });
  });

/** Days and months are steps of the calendar, which is more than this meter leaves out. */
function isNext(time: CosemData, before: CosemData, stepMs: number): boolean {
  const [timeMs, beforeMs] = [instantOf(time), instantOf(before)];
  if (timeMs === undefined || beforeMs === undefined) return false;
  return stepMs > 0 && stepMs < DAY_MS && timeMs - beforeMs === stepMs;
}

function isSame(cell: CosemData, before: CosemData): boolean {
  return equalBytes(encodeData(cell), encodeData(before));
}

/** Epoch milliseconds of a time with a deviation. */
function instantOf(cell: CosemData): number | undefined {
  if (cell.type !== "octet-string" || cell.value.length !== 12) return undefined;
  const view = new DataView(cell.value.buffer, cell.value.byteOffset, 12);
  const localMs = Date.UTC(
    view.getUint16(0),
    view.getUint8(2) - 1,
    view.getUint8(3),
    view.getUint8(5),
    view.getUint8(6),
    view.getUint8(7),
  );
  return localMs + view.getInt16(9) * 60_000;
}

/** Keeps the newest row in front. */
export const profileBackwards = (): Behaviour => {
  const { name, read } = rowsAs("profile-backwards", (rows) => [...rows].reverse());
  return {
    name,
    read: (result, reference, meter) =>
      reference.classId === PROFILE_GENERIC && reference.attribute === SORT_METHOD && "data" in result
        ? { data: cosem.enum(LAST_IN_FIRST_OUT) }
        : read!(result, reference, meter),
  };
};

/** Says once, in front, of which types the values of the rows are; the rows must be alike. */
export const profileCompactArray = (): Behaviour => ({
  name: "profile-compact-array",
  read: (result, reference) => {
    if (!isBuffer(reference) || !("data" in result) || result.data.type !== "array") return result;
    const [first] = result.data.value;
    if (first?.type !== "structure") return result;
    const description: TypeDescription = {
      type: "structure",
      elements: first.value.map(({ type }) => ({ type }) as TypeDescription),
    };
    return { data: { type: "compact-array", description, value: result.data.value } };
  },
});

/** Tells local times only. */
export const bareTimes = (): Behaviour =>
  rowsAs("bare-times", (rows) =>
    rows.map((row) =>
      row.map((cell) => {
        if (instantOf(cell) === undefined || cell.type !== "octet-string") return cell;
        const octets = cell.value.slice();
        octets.set([0x80, 0x00, 0xff], 9);
        return cosem.octetString(octets);
      }),
    ),
  );

const refusal = (error: "scope-of-access-violated" | "other-reason"): GetResult => ({ error });

/** Knows profiles as a whole only. */
export const noSelectiveAccess = (): Behaviour => ({
  name: "no-selective-access",
  get: (reference) => (isBuffer(reference) && reference.access ? refusal("scope-of-access-violated") : undefined),
});

/** Does not have a column picked from a profile. */
export const refusedColumn = (
  column: Pick<AttributeReference, "classId" | "logicalName" | "attribute">,
): Behaviour => ({
  name: "refused-column",
  get: (reference) => {
    if (!isBuffer(reference) || reference.access?.selector !== BY_RANGE) return undefined;
    const { parameters } = reference.access;
    const chosen = parameters.type === "structure" ? parameters.value[3] : undefined;
    if (chosen?.type !== "array") return undefined;
    const definition = cosem.structure([
      cosem.longUnsigned(column.classId),
      cosem.logicalName(column.logicalName),
      cosem.integer(column.attribute),
      cosem.longUnsigned(0),
    ]);
    const wanted = encodeData(definition);
    return chosen.value.some((one) => equalBytes(encodeData(one), wanted)) ? refusal("other-reason") : undefined;
  },
});
