import type { AttributeReference } from "../../../dlms/apdu.ts";
import type { CosemData } from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import type { MeterTime, Reading } from "../../../operations/readings.ts";
import type { MeterSession } from "../session.ts";
import { CaptureTimes } from "./capture-time.ts";
import { decodeScalerUnit, type Scale, scaledText } from "./scaler-unit.ts";

/** Attribute scaler_unit of classes 3 and 4. */
const SCALER_UNIT = 3;

/**
 * @param what for the error
 * @throws MetergateError ILLEGAL_RESPONSE when the meter has no value
 */
export function readingOf(data: CosemData, { scaler, unit }: Scale, what: string): Reading {
  const value = scaledText(data, scaler);
  if (value === undefined) throw new MetergateError("ILLEGAL_RESPONSE", `The meter has no value for ${what}`);
  return { value, unit };
}

/**
 * @param timeZone IANA name of the meter's time zone
 * @param what for the error
 * @throws MetergateError ILLEGAL_RESPONSE when it names no instant
 */
export function timeOf(data: CosemData, timeZone: string, what: string): MeterTime {
  const time = new CaptureTimes(timeZone).decode(data);
  if (!time) throw new MetergateError("ILLEGAL_RESPONSE", `The meter has no time for ${what}`);
  return time;
}

type Measured = Pick<AttributeReference, "classId" | "logicalName"> & { readonly scale: Scale | undefined };

/** What each of the numbers means: as it is known, or as the meter tells. */
export async function readScales(meter: MeterSession, measured: readonly Measured[]): Promise<Scale[]> {
  const unknown = measured.filter(({ scale }) => !scale);
  const attributes = unknown.map(({ classId, logicalName }) => ({ classId, logicalName, attribute: SCALER_UNIT }));
  const told = (await meter.getAll(attributes)).map(decodeScalerUnit).values();
  return measured.map(({ scale }) => scale ?? told.next().value!);
}
