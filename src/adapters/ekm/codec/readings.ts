import { MetergateError } from "../../../domain/errors.ts";
import { isObject, type Json, parseObject, wordsOf } from "./json.ts";

/** One reading of a meter as the cloud tells it. */
export interface RawReading {
  /** When the gateway took it, epoch milliseconds. */
  readonly timeMs: number;
  /** By the vendor's names: numbers come as text or as numbers, and are text here. */
  readonly fields: ReadonlyMap<string, string>;
}

/** What the form of the cloud (`readMeter.ReadSet`) and that of a gateway (by address) have in common. */
interface MeterSet {
  readonly address: string;
  readonly rows: readonly Json[];
}

/** Latest moment that a date can have, in milliseconds. */
const LATEST_MS = 8.64e15;

/**
 * Reads the answer of GET /readMeter: the good readings of one meter, the latest first, each moment once.
 * @param meterAddress twelve digits
 * @throws MetergateError ILLEGAL_RESPONSE; AUTHENTICATION_ERROR when the cloud does not take the key
 */
export function decodeReadings(status: number, body: string, meterAddress: string): RawReading[] {
  if (status === 401 || status === 403) {
    const text = "the cloud does not take the key for readings";
    throw new MetergateError("AUTHENTICATION_ERROR", text, { retry: false });
  }
  if (status !== 200) throw new MetergateError("ILLEGAL_RESPONSE", `the cloud answered readings with HTTP ${status}`);
  const answer = parseObject(body, "the answer with readings");
  if (typeof answer.error === "string") {
    throw new MetergateError("ILLEGAL_RESPONSE", `the cloud gave no readings: ${wordsOf(answer.error)}`);
  }
  const rows = setsOf(answer).flatMap((set) => (set.address === meterAddress ? set.rows : []));
  const byTime = new Map<number, RawReading>();
  for (const reading of rows.map(toReading)) {
    if (reading && isGood(reading) && !byTime.has(reading.timeMs)) byTime.set(reading.timeMs, reading);
  }
  return withoutLostCounters([...byTime.values()].sort((a, b) => a.timeMs - b.timeMs)).reverse();
}

function setsOf(answer: { readonly [key: string]: Json }): MeterSet[] {
  const sets = isObject(answer.readMeter) ? answer.readMeter.ReadSet : undefined;
  if (Array.isArray(sets)) {
    return sets.filter(isObject).map(({ Meter, ReadData }) => ({
      address: normalAddress(Meter),
      rows: Array.isArray(ReadData) ? ReadData : [],
    }));
  }
  return Object.entries(answer).flatMap(([key, rows]) =>
    Array.isArray(rows) ? [{ address: normalAddress(key), rows }] : [],
  );
}

/** Twelve digits: an address may come as a number, and has lost its zeros then. */
export function normalAddress(value: Json | undefined): string {
  return String(value ?? "").padStart(12, "0");
}

function toReading(row: Json): RawReading | undefined {
  if (!isObject(row)) return undefined;
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(row)) {
    if (typeof value === "string" || typeof value === "number") fields.set(name, String(value).trim());
  }
  const timeMs = Number(fields.get("Time_Stamp_UTC_ms") ?? Number.NaN);
  return timeMs > 0 && timeMs < LATEST_MS ? { timeMs: Math.round(timeMs), fields } : undefined;
}

function isGood({ fields }: RawReading): boolean {
  return (fields.get("Good") ?? "1") === "1";
}

const COUNTERS = ["Pulse_Cnt_1", "Pulse_Cnt_2", "Pulse_Cnt_3"];

/** Rows in which all pulse counters are 0 after they were not are no readings: clients meet them now and then. */
function withoutLostCounters(ascending: readonly RawReading[]): RawReading[] {
  let counted = false;
  return ascending.filter(({ fields }) => {
    const some = COUNTERS.some((name) => Number(fields.get(name) ?? 0) > 0);
    const told = COUNTERS.some((name) => fields.has(name));
    const lost = counted && told && !some;
    counted ||= some;
    return !lost;
  });
}

/** What the relays are (State_Out): 1 both open, 2 the second closed, 3 the first closed, 4 both. */
export function relaysOf({ fields }: RawReading): { readonly RELAY_1: boolean; readonly RELAY_2: boolean } | undefined {
  const state = Number(fields.get("State_Out") ?? Number.NaN) - 1;
  if (!(state >= 0 && state <= 3)) return undefined;
  return { RELAY_1: state >= 2, RELAY_2: state % 2 === 1 };
}
