import type { AttributeReference, SelectiveAccess } from "../../../dlms/apdu.ts";
import { asNumber, type CosemData } from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import type { TimeRange } from "../../../operations/readings.ts";
import type { CaptureObject } from "../../../operations/values.ts";
import type { DlmsDevice } from "../device.ts";
import { attributeOf, type FoundObject } from "../profiles/index.ts";
import { type MeterSession, type ReadError, readRefusal, requireData } from "../session.ts";
import type { CaptureStep, TimeOrder } from "./capture-time.ts";
import { accessByRange, decodeCaptureObjects, isClockTime } from "./profile-access.ts";
import { inTimeOrder, isWithin, type ProfileRow, ProfileRows } from "./profile-rows.ts";

const BUFFER = 2;
const CAPTURE_OBJECTS = 3;
const CAPTURE_PERIOD = 4;
const SORT_METHOD = 5;
/** Sort methods that have the newest entry in front: last in first out, and the largest time first. */
const NEWEST_FIRST: ReadonlySet<number> = new Set([2, 3]);

/** What a meter says to what it cannot select, or not so. */
const CANNOT_SELECT: ReadonlySet<ReadError> = new Set([
  "scope-of-access-violated",
  "type-unmatched",
  "other-reason",
  "object-unavailable",
]);

/** Entries of a profile, complete and by time. */
export interface ProfileEntries {
  /** What the values of the entries are. */
  readonly columns: readonly CaptureObject[];
  readonly rows: readonly ProfileRow[];
}

/** What takes the entries of a profile, one after the other. */
export interface RowTaker {
  add(row: ProfileRow): void;
}

interface Reached {
  readonly meter: MeterSession;
  readonly device: DlmsDevice;
}

export interface ProfileQuery {
  readonly range: TimeRange;
  /** Which of the columns matter, besides the time. */
  readonly wanted: (column: CaptureObject) => boolean;
  /** How far entries are apart, where that is not the meter's capture period. */
  readonly step?: CaptureStep | undefined;
}

interface Layout {
  readonly columns: readonly CaptureObject[];
  readonly step: CaptureStep | undefined;
  readonly order: TimeOrder;
}

/**
 * Reads the entries of a profile that were captured in a range, both ends included, and hands them over in the order of
 * the buffer.
 *
 * What is not wanted is not sent, as far as the meter can select: the columns of a range, or else all columns of it, or
 * else the whole buffer, which is filtered here. How long a buffer may be is bounded by the client of the association.
 * @param open makes what takes the rows, of such columns; again for each way that the meter has to be asked in
 */
export async function readRows<Taker extends RowTaker>(
  { meter, device }: Reached,
  profile: FoundObject,
  { range, wanted, step }: ProfileQuery,
  open: (columns: readonly CaptureObject[]) => Taker,
): Promise<Taker> {
  const layout = await readLayout(meter, profile, step);
  const chosen = layout.columns.filter((column) => isClockTime(column) || wanted(column));
  if (chosen.length < 2) return open([]);
  const picks = device.dlms?.selectiveAccessSupported === true && chosen.length < layout.columns.length;
  const accessTo = (columns?: readonly CaptureObject[]) =>
    accessByRange(range.beginMs, range.endMs, device.timezone, columns);
  const attempts: { readonly columns: readonly CaptureObject[]; readonly access?: SelectiveAccess }[] = [
    ...(picks ? [{ columns: chosen, access: accessTo(chosen) }] : []),
    { columns: layout.columns, access: accessTo() },
    { columns: layout.columns },
  ];
  const attribute = attributeOf(profile, BUFFER);
  for (const { columns, access } of attempts) {
    const rows = new ProfileRows({ ...layout, columns, timeZone: device.timezone });
    const taker = open(columns);
    const error = await readEntries(meter, { ...attribute, access }, (entry) => {
      const row = rows.add(entry);
      if (row && isWithin(row, range.beginMs, range.endMs)) taker.add(row);
    });
    if (!error) return taker;
    if (!access || !CANNOT_SELECT.has(error)) throw readRefusal(attribute, error);
  }
  throw new MetergateError("INTERNAL", "no way to read a profile was tried");
}

/** As {@link readRows}, for profiles that have few. */
export async function readProfile(
  reached: Reached,
  profile: FoundObject,
  query: ProfileQuery,
): Promise<ProfileEntries> {
  const { columns, rows } = await readRows(reached, profile, query, (opened) => {
    const found: ProfileRow[] = [];
    return { columns: opened, rows: found, add: (row) => void found.push(row) };
  });
  return { columns, rows: inTimeOrder(rows) };
}

/**
 * Reads the entries of a range from a buffer whose columns are known, or the whole buffer of a meter that cannot select.
 * Meters send more than they were asked for: the range is for whoever takes the entries to look at again.
 */
export async function readRange(
  { meter, device }: Reached,
  profile: FoundObject,
  { beginMs, endMs }: TimeRange,
  take: (entry: CosemData) => void,
): Promise<void> {
  const attribute = attributeOf(profile, BUFFER);
  for (const access of [accessByRange(beginMs, endMs, device.timezone), undefined]) {
    const error = await readEntries(meter, { ...attribute, access }, take);
    if (!error) return;
    if (!access || !CANNOT_SELECT.has(error)) throw readRefusal(attribute, error);
  }
}

/** @returns what the meter says instead of the entries; undefined when they came */
async function readEntries(
  meter: MeterSession,
  attribute: AttributeReference,
  take: (entry: CosemData) => void,
): Promise<ReadError | undefined> {
  try {
    return await meter.readEntries(attribute, take);
  } catch (error) {
    const { missing } = error instanceof MetergateError ? error.context : {};
    if (attribute.access && missing === "selective-access") return "scope-of-access-violated";
    throw error;
  }
}

/** What the buffer holds, and how it is kept; a meter need not tell the latter. */
async function readLayout(meter: MeterSession, profile: FoundObject, step?: CaptureStep): Promise<Layout> {
  const attributes = [CAPTURE_OBJECTS, CAPTURE_PERIOD, SORT_METHOD].map((id) => attributeOf(profile, id));
  const [objects, period, method] = await meter.getList(attributes);
  const periodS = period && "data" in period ? asNumber(period.data, "capture period") : 0;
  const sortMethod = method && "data" in method ? asNumber(method.data, "sort method") : 1;
  return {
    columns: decodeCaptureObjects(requireData(attributes[0]!, objects!)),
    step: step ?? (periodS > 0 ? periodS : undefined),
    order: NEWEST_FIRST.has(sortMethod) ? "descending" : "ascending",
  };
}
