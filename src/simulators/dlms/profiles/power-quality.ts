import type { CaptureObject } from "../classes/profile-generic.ts";
import { column } from "../classes/profile-generic.ts";
import { counterObject, measurement } from "../classes/simple-objects.ts";
import type { CosemObject } from "../cosem-object.ts";
import { UNITS } from "../values.ts";

/** Group C of the logical names of phase L1, L2 and L3, as an offset to the first. */
const PHASES = [0, 20, 40] as const;

/** Exponents of ten of volt and ampere registers. */
export interface PowerQualityScalers {
  readonly volt: number;
  readonly ampere: number;
}

function perPhase(make: (offset: number) => CosemObject): CosemObject[] {
  return PHASES.map(make);
}

/** Voltage and current of three phases, sags, swells and failures: in every version. */
export function basicPowerQuality({ volt, ampere }: PowerQualityScalers): CosemObject[] {
  const volts = Math.round(230 * 10 ** -volt);
  const amperes = Math.round(2 * 10 ** -ampere);
  return [
    ...perPhase((c) => counterObject(`1.0.${32 + c}.36.0.255`, 3)),
    ...perPhase((c) => counterObject(`1.0.${32 + c}.32.0.255`, 4)),
    counterObject("0.0.96.7.21.255", 12),
    counterObject("0.0.96.7.9.255", 3),
    ...perPhase((c) => measurement(`1.0.${32 + c}.7.0.255`, volts, volt, UNITS.volt)),
    ...perPhase((c) => measurement(`1.0.${32 + c}.24.0.255`, volts, volt, UNITS.volt)),
    ...perPhase((c) => measurement(`1.0.${31 + c}.7.0.255`, amperes, ampere, UNITS.ampere)),
    measurement("1.0.90.7.0.255", 3 * amperes, ampere, UNITS.ampere),
  ];
}

/** Average currents and powers; `averageGroupD` is 24 up to SMR 4.3 and 4 in SMR 5. */
export function extendedPowerQuality({ ampere }: PowerQualityScalers, averageGroupD: 4 | 24): CosemObject[] {
  const amperes = Math.round(2 * 10 ** -ampere);
  const average = (c: number, present: number, unit: number) =>
    perPhase((offset) => measurement(`1.0.${c + offset}.${averageGroupD}.0.255`, present, 0, unit));
  return [
    ...perPhase((c) => measurement(`1.0.${31 + c}.24.0.255`, amperes, ampere, UNITS.ampere)),
    measurement("1.0.1.7.0.255", 1380, 0, UNITS.watt),
    measurement("1.0.2.7.0.255", 0, 0, UNITS.watt),
    ...perPhase((c) => measurement(`1.0.${21 + c}.7.0.255`, 460, 0, UNITS.watt)),
    ...perPhase((c) => measurement(`1.0.${22 + c}.7.0.255`, 0, 0, UNITS.watt)),
    ...average(21, 460, UNITS.watt),
    ...average(22, 0, UNITS.watt),
    ...average(23, 35, UNITS.var),
    ...average(24, 0, UNITS.var),
  ];
}

/** Columns that a load profile can capture: attribute 2 of each of these objects. */
export function valueColumns(objects: readonly CosemObject[]): CaptureObject[] {
  return objects.map((object) => column(`${object.classId}/${object.logicalName}/2`));
}

/** Columns by logical name, for the selection that a profile has on delivery. */
export function columnsNamed(objects: readonly CosemObject[], names: readonly string[]): CaptureObject[] {
  return valueColumns(objects.filter(({ logicalName }) => names.includes(logicalName)));
}
