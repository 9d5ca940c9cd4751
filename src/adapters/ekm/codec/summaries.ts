import { MetergateError } from "../../../domain/errors.ts";
import { isObject, type Json, parseJson, wordsOf } from "./json.ts";
import { normalAddress, type RawReading } from "./readings.ts";

/**
 * Reads what the cloud has summed up (GET of summaries): a bare list with a row for each day or month, as readings of the
 * moments at which these begin. The oldest first, each moment once.
 * @param meterAddress twelve digits
 * @throws MetergateError ILLEGAL_RESPONSE; AUTHENTICATION_ERROR when the cloud does not take the key
 */
export function decodeSummaries(status: number, body: string, meterAddress: string): RawReading[] {
  if (status === 401 || status === 403) {
    const text = "the cloud does not take the key for summaries";
    throw new MetergateError("AUTHENTICATION_ERROR", text, { retry: false });
  }
  if (status !== 200) throw new MetergateError("ILLEGAL_RESPONSE", `the cloud answered summaries with HTTP ${status}`);
  const answer = parseJson(body, "the answer with summaries");
  if (!Array.isArray(answer)) {
    const words = isObject(answer) && typeof answer.error === "string" ? wordsOf(answer.error) : "it is no list";
    throw new MetergateError("ILLEGAL_RESPONSE", `the cloud gave no summaries: ${words}`);
  }
  const byTime = new Map<number, RawReading>();
  for (const row of answer.filter(isObject)) {
    const timeMs = Number(row.Start_Time_Stamp_UTC_ms ?? Number.NaN);
    if (normalAddress(row.Meter) !== meterAddress || !(timeMs > 0)) continue;
    byTime.set(timeMs, { timeMs, fields: leastOf(row) });
  }
  return [...byTime.values()].sort((a, b) => a.timeMs - b.timeMs);
}

const LEAST = "_Min";

/** Of what counts, the least is what there was at the beginning; by the names that readings have. */
function leastOf(row: { readonly [key: string]: Json }): Map<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of Object.entries(row)) {
    const isTold = typeof value === "string" || typeof value === "number";
    if (name.endsWith(LEAST) && isTold) fields.set(name.slice(0, -LEAST.length), String(value).trim());
  }
  return fields;
}
