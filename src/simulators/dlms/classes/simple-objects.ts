import { asNumber, type CosemData } from "../../../dlms/data.ts";
import { parseObis } from "../../../lib/obis.ts";
import { type Attribute, type CosemObject, cosemObject, readOnly } from "../cosem-object.ts";
import type { Meter, StateKey } from "../meter.ts";
import { DATE_TIME, SCALER_UNIT, type Shape } from "../shape.ts";
import { asciiOctets, doubleLongUnsigned, longUnsigned, scalerUnit, UNITS, unsigned } from "../values.ts";

const HOUR_MS = 3_600_000;
/** In the unit of the last digit. */
const GAS_PER_HOUR = 150;

/** Class 1: one value. */
export function dataObject(logicalName: string, value: Attribute): CosemObject {
  return cosemObject(1, 0, parseObis(logicalName), { 2: value });
}

/** Class 1 with ASCII text that clients only read. */
export function textObject(logicalName: string, text: string): CosemObject {
  return dataObject(logicalName, readOnly("octet-string", asciiOctets(text)));
}

/** Class 3: a value with scaler and unit. */
export function registerObject(logicalName: string, value: Attribute, scaler: number, unit: number): CosemObject {
  return cosemObject(3, 0, parseObis(logicalName), {
    2: value,
    3: readOnly(SCALER_UNIT, scalerUnit(scaler, unit)),
  });
}

/** An energy register that holds `energyWh` when the simulation begins; see `counter`. */
export function energyRegister(logicalName: string, energyWh: number, wattHoursPerHour: number): CosemObject {
  return registerObject(logicalName, counter(energyWh, wattHoursPerHour), 0, UNITS.wattHour);
}

const LARGEST_COUNT = 2 ** 32 - 1;

/**
 * A count (double-long-unsigned) that goes on by the meter's clock: rows of the past hold less than there was at the
 * beginning, later ones more. One that was arranged stands still from then on.
 * @param stepMs how often it goes on
 */
function counter(initial: number, perHour: number, stepMs = 1): Attribute {
  const arranged: StateKey<{ atMs?: number }> = { create: () => ({}) };
  const at = (meter: Meter, timeMs: number): CosemData => {
    const { atMs } = meter.state(arranged);
    const standsStill = atMs !== undefined && timeMs >= atMs;
    const untilMs = timeMs - (timeMs % stepMs);
    const hours = standsStill ? 0 : (untilMs - (atMs ?? meter.startedAtMs)) / HOUR_MS;
    const count = asNumber(meter.value(value)) + Math.round(hours * perHour);
    return doubleLongUnsigned(Math.min(Math.max(count, 0), LARGEST_COUNT));
  };
  const value: Attribute = readOnly("double-long-unsigned", doubleLongUnsigned(initial), {
    read: (meter) => ({ data: at(meter, meter.nowMs()) }),
    captured: at,
    changed: (meter) => {
      meter.state(arranged).atMs = meter.nowMs();
    },
  });
  return value;
}

/** A measured value (long-unsigned) that moves a little around `present` from row to row. */
export function measuredValue(present: number): Attribute {
  const attribute: Attribute = readOnly("long-unsigned", longUnsigned(present), {
    captured: (meter, _timeMs, row) => longUnsigned(Math.max(0, asNumber(meter.value(attribute)) + (row % 5) - 2)),
  });
  return attribute;
}

/** A measured register (class 3). */
export function measurement(logicalName: string, present: number, scaler: number, unit: number): CosemObject {
  return registerObject(logicalName, measuredValue(present), scaler, unit);
}

/** A counter of events (class 1, long-unsigned). */
export function counterObject(logicalName: string, present: number): CosemObject {
  return dataObject(logicalName, readOnly("long-unsigned", longUnsigned(present)));
}

/** Extended register (class 4) with a fixed value of any type. */
export function extendedRegister(
  logicalName: string,
  shape: Shape,
  value: CosemData,
  scaler = 0,
  unit: number = UNITS.count,
): CosemObject {
  return cosemObject(4, 0, parseObis(logicalName), {
    2: readOnly(shape, value),
    3: readOnly(SCALER_UNIT, scalerUnit(scaler, unit)),
    4: readOnly("unsigned", unsigned(0)),
    5: captureTime(HOUR_MS),
  });
}

/** A gas volume as it came over the M-Bus (class 4), fetched anew every `periodMs`. */
export function gasVolume(logicalName: string, volume: number, scaler: number, periodMs: number): CosemObject {
  return cosemObject(4, 0, parseObis(logicalName), {
    2: counter(volume, GAS_PER_HOUR, periodMs),
    3: readOnly(SCALER_UNIT, scalerUnit(scaler, UNITS.cubicMetre)),
    4: readOnly("unsigned", unsigned(0)),
    5: captureTime(periodMs),
  });
}

/** Capture time: the latest full period by the meter's clock. */
function captureTime(periodMs: number): Attribute {
  return readOnly(DATE_TIME, (meter) => meter.dateTime(meter.nowMs() - (meter.nowMs() % periodMs)), {
    captured: (meter, timeMs) => meter.dateTime(timeMs),
  });
}
