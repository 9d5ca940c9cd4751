import { MetergateError } from "../../domain/errors.ts";
import { type ObisCode, obisToBytes } from "../../lib/obis.ts";
import type { MeterTime, PeriodicReads, ProfileStatusFlag, Reading } from "../../operations/readings.ts";
import type { common, smMonitoring } from "../generated/index.ts";
import { toMeterValue } from "./units.ts";

/** The longest distance to UTC that an xsd:dateTime can tell. */
const LARGEST_OFFSET_MINUTES = 840;

/** A moment that is written in local time, with its distance to UTC: the hour that comes twice a year is two hours. */
class LocalDate extends Date {
  readonly #offsetMinutes: number;

  constructor(epochMs: number, offsetMinutes: number) {
    super(epochMs);
    this.#offsetMinutes = offsetMinutes;
  }

  override toISOString(): string {
    const offset = this.#offsetMinutes;
    return new Date(this.getTime() + offset * 60_000).toISOString().slice(0, -1) + offsetText(offset);
  }
}

/** By minutes: thousands of times in a row have the same. */
const offsetTexts = new Map<number, string>();

function offsetText(offset: number): string {
  const known = offsetTexts.get(offset);
  if (known !== undefined) return known;
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const text = `${offset < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
  offsetTexts.set(offset, text);
  return text;
}

/** A moment as the meter showed it, or in UTC when it did not tell how far from that it is. */
export function fromMeterTime({ epochMs, deviationMinutes }: MeterTime): Date {
  const isTold = deviationMinutes !== undefined && Math.abs(deviationMinutes) <= LARGEST_OFFSET_MINUTES;
  return isTold ? new LocalDate(epochMs, -deviationMinutes) : new Date(epochMs);
}

/**
 * A reading that the response cannot do without.
 * @throws MetergateError ILLEGAL_RESPONSE when the schema has no room for it
 */
export function fromReading({ value, unit }: Reading): smMonitoring.MeterValue {
  const meterValue = toMeterValue(value, unit);
  if (meterValue) return meterValue;
  throw new MetergateError(
    "ILLEGAL_RESPONSE",
    `The meter's reading ${value} ${unit} is beyond what a response can hold`,
  );
}

export function toPeriodicReads({
  PeriodType,
  BeginDate,
  EndDate,
}: smMonitoring.PeriodicReadsRequestData): PeriodicReads {
  return { periodType: PeriodType, beginMs: BeginDate.getTime(), endMs: EndDate.getTime() };
}

export function fromStatus(
  status: readonly ProfileStatusFlag[] | undefined,
): Pick<smMonitoring.PeriodicMeterReads, "AmrProfileStatusCode"> {
  return status ? { AmrProfileStatusCode: { AmrProfileStatusCodeFlag: status } } : {};
}

export function fromObis(logicalName: ObisCode): common.ObisCodeValues {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = obisToBytes(logicalName);
  return { a, b, c, d, e, f };
}
