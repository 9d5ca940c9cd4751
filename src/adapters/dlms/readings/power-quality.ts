import type { PowerQualityType } from "../../../operations/readings.ts";
import type { CaptureObject } from "../../../operations/values.ts";
import type { DlmsDevice } from "../device.ts";
import { findObject, hasObject, type ObjectTag, type Profile } from "../profiles/index.ts";
import { isSameColumn } from "./profile-access.ts";
import type { Scale } from "./scaler-unit.ts";

/** Phases that a meter measures: L1, or all three. */
export type Phases = "single" | "poly";

export function phasesOf({ dlms }: DlmsDevice): Phases {
  return dlms?.polyphase ? "poly" : "single";
}

/** A value of power quality in a meter. */
export interface PowerQualityValue extends CaptureObject {
  /** The object's name, by which the value is told. */
  readonly tag: ObjectTag;
  /** Undefined when the meter tells, in attribute 3, or when the value is no register. */
  readonly scale: Scale | undefined;
}

/** When an object is part of the actual values, or captured in a profile. */
type Where = "single" | "poly" | "both" | "never";

interface Entry {
  readonly tag: ObjectTag;
  readonly kind: PowerQualityType;
  readonly actual: Where;
  readonly periodic: Where;
  readonly attribute?: number;
  /** Elements of a structure, by number from 1. */
  readonly dataIndexes?: readonly number[];
  /** One object per M-Bus channel. */
  readonly perChannel?: boolean;
}

type PhaseTag = Extract<ObjectTag, `${string}_L1`> extends `${infer Base}_L1` ? Base : never;

/** An object per phase: L1 of every meter, the others of those that measure them. */
function perPhase(tag: PhaseTag, kind: PowerQualityType, periodic: readonly [l1: Where, others: Where]): Entry[] {
  return [
    { tag: `${tag}_L1`, kind, actual: "both", periodic: periodic[0] },
    { tag: `${tag}_L2`, kind, actual: "poly", periodic: periodic[1] },
    { tag: `${tag}_L3`, kind, actual: "poly", periodic: periodic[1] },
  ];
}

const CAPTURED = ["both", "poly"] as const;
/** Single-phase meters capture instantaneous values where others capture averages only. */
const CAPTURED_OF_SINGLE_PHASE = ["single", "never"] as const;
const NOT_CAPTURED = ["never", "never"] as const;

/** Signal quality and bit error rate in cell_info of class 47. */
const SIGNAL = { attribute: 6, dataIndexes: [3, 4], actual: "never", periodic: "both", kind: "PUBLIC" } as const;

const ENTRIES: readonly Entry[] = [
  ...perPhase("NUMBER_OF_VOLTAGE_SWELLS", "PUBLIC", CAPTURED),
  ...perPhase("NUMBER_OF_VOLTAGE_SAGS", "PUBLIC", CAPTURED),
  { tag: "NUMBER_OF_POWER_FAILURES", kind: "PUBLIC", actual: "both", periodic: "both" },
  { tag: "NUMBER_OF_LONG_POWER_FAILURES", kind: "PUBLIC", actual: "both", periodic: "never" },
  ...perPhase("INSTANTANEOUS_VOLTAGE", "PUBLIC", CAPTURED_OF_SINGLE_PHASE),
  ...perPhase("AVERAGE_VOLTAGE", "PUBLIC", CAPTURED),
  { tag: "CDMA_DIAGNOSTIC", ...SIGNAL },
  { tag: "GPRS_DIAGNOSTIC", ...SIGNAL },
  { tag: "LTE_DIAGNOSTIC", ...SIGNAL },
  { tag: "READ_MBUS_STATUS", kind: "PUBLIC", actual: "never", periodic: "both", perChannel: true },
  ...perPhase("INSTANTANEOUS_CURRENT", "PRIVATE", CAPTURED_OF_SINGLE_PHASE),
  { tag: "INSTANTANEOUS_CURRENT_TOTAL", kind: "PRIVATE", actual: "both", periodic: "never" },
  ...perPhase("AVERAGE_CURRENT", "PRIVATE", CAPTURED),
  { tag: "INSTANTANEOUS_ACTIVE_POWER_IMPORT", kind: "PRIVATE", actual: "both", periodic: "never" },
  { tag: "INSTANTANEOUS_ACTIVE_POWER_EXPORT", kind: "PRIVATE", actual: "both", periodic: "never" },
  ...perPhase("INSTANTANEOUS_ACTIVE_POWER_IMPORT", "PRIVATE", NOT_CAPTURED),
  ...perPhase("INSTANTANEOUS_ACTIVE_POWER_EXPORT", "PRIVATE", NOT_CAPTURED),
  ...perPhase("AVERAGE_ACTIVE_POWER_IMPORT", "PRIVATE", CAPTURED),
  ...perPhase("AVERAGE_ACTIVE_POWER_EXPORT", "PRIVATE", CAPTURED),
  ...perPhase("AVERAGE_REACTIVE_POWER_IMPORT", "PRIVATE", CAPTURED),
  ...perPhase("AVERAGE_REACTIVE_POWER_EXPORT", "PRIVATE", CAPTURED),
];

const CHANNELS = [1, 2, 3, 4] as const;

/** The values that meters of this profile measure at any time, without the clock. */
export function actualPowerQuality(profile: Profile, kind: PowerQualityType, phases: Phases): PowerQualityValue[] {
  return valuesOf(profile, (entry) => entry.kind === kind && holds(entry.actual, phases));
}

/** The values that meters of this profile may capture, without the clock. What one does capture, its profiles tell. */
export function periodicPowerQuality(profile: Profile, kind: PowerQualityType, phases: Phases): PowerQualityValue[] {
  return valuesOf(profile, (entry) => entry.kind === kind && holds(entry.periodic, phases));
}

function holds(where: Where, phases: Phases): boolean {
  return where === "both" || where === phases;
}

function valuesOf(profile: Profile, wanted: (entry: Entry) => boolean): PowerQualityValue[] {
  return ENTRIES.filter((entry) => wanted(entry) && hasObject(profile, entry.tag)).flatMap((entry) => {
    const { tag, attribute = 2, dataIndexes = [0], perChannel } = entry;
    const scale = profile.objects.get(tag)?.scalerUnit;
    const channels = perChannel ? CHANNELS : [undefined];
    return channels.flatMap((channel) => {
      const { classId, logicalName } = findObject(profile, tag, channel);
      return dataIndexes.map((dataIndex) => ({ tag, classId, logicalName, attribute, dataIndex, scale }));
    });
  });
}

/** A column of a profile that holds one of the values. */
export interface PowerQualityColumn {
  /** Position in the entries, from 0. */
  readonly column: number;
  readonly value: PowerQualityValue;
}

/** Which of the values a profile captures, in the order of its columns. */
export function capturedValues(
  columns: readonly CaptureObject[],
  values: readonly PowerQualityValue[],
): PowerQualityColumn[] {
  return columns.flatMap((captured, column) => {
    const value = values.find((candidate) => isSameColumn(candidate, captured));
    return value ? [{ column, value }] : [];
  });
}
