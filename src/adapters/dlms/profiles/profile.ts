import type { CosemData } from "../../../dlms/data.ts";
import type { DeviceProtocol } from "../../../domain/device.ts";
import type { ConfigurationFlag } from "../../../operations/configuration-object.ts";

export type DataType = CosemData["type"];

/** What a register's number means: value × 10^scaler in this unit. */
export interface ScalerUnit {
  readonly scaler: number;
  readonly unit: "Wh" | "V" | "A" | "W" | "var" | "%" | "s" | "count";
}

/** An object that a companion standard demands, under a name of its own. */
export interface ProfileObject<Tag extends string = string> {
  readonly tag: Tag;
  /** Interface class. */
  readonly classId: number;
  readonly version: number;
  /** OBIS code; `x` in group B stands for the M-Bus channel. */
  readonly logicalName: string;
  /** Data types of the attributes from number 2 on; attribute 1 is always the logical name. */
  readonly attributes: readonly DataType[];
  /** Registers: scaler and unit when the standard fixes them; otherwise the meter tells. */
  readonly scalerUnit?: ScalerUnit | undefined;
}

/** How the configuration object is laid out: a bit-string, with or without the GPRS operation mode in front. */
export interface ConfigurationLayout {
  readonly shape: "structure" | "bit-string";
  /** Flags by bit, 0 the most significant of the first octet; null where the standard has none. */
  readonly flags: readonly (ConfigurationFlag | null)[];
}

/** What one version of a companion standard says about a meter. */
export interface Profile {
  readonly protocol: DeviceProtocol;
  readonly objects: ReadonlyMap<string, ProfileObject>;
  /** Absent when the meter has no configuration object. */
  readonly configuration?: ConfigurationLayout | undefined;
  /** Message type in send_destination_and_method: 0 A-XDR encoded xDLMS APDU, 128 manufacturer specific. */
  readonly pushMessageType: 0 | 128;
}

/** A version in terms of the one before it: what it adds or has otherwise, and what it does without. */
export type ProfileChange = Partial<Omit<Profile, "objects">> &
  Pick<Profile, "protocol"> & { readonly objects: readonly ProfileObject[]; readonly without?: readonly string[] };

/** The profile that follows from another one by a change. */
export function changeProfile(base: Profile, { objects, without = [], ...change }: ProfileChange): Profile {
  const merged = new Map(base.objects);
  for (const tag of without) merged.delete(tag);
  for (const object of objects) merged.set(object.tag, object);
  return { ...base, ...change, objects: merged };
}

/** Interface class 1. */
export function data<T extends string>(tag: T, logicalName: string, type: DataType): ProfileObject<T> {
  return { tag, classId: 1, version: 0, logicalName, attributes: [type] };
}

/** Interface class 3. */
export function register<T extends string>(
  tag: T,
  logicalName: string,
  type: DataType,
  scalerUnit?: ScalerUnit,
): ProfileObject<T> {
  return { tag, classId: 3, version: 0, logicalName, attributes: [type, "structure"], scalerUnit };
}

/** Interface class 4: value, scaler_unit, status, capture_time. */
export function extendedRegister<T extends string>(tag: T, logicalName: string, type: DataType): ProfileObject<T> {
  return {
    tag,
    classId: 4,
    version: 0,
    logicalName,
    attributes: [type, "structure", "unsigned", "octet-string"],
  };
}

const PROFILE_GENERIC: readonly DataType[] = [
  "array",
  "array",
  "double-long-unsigned",
  "enum",
  "structure",
  "double-long-unsigned",
  "double-long-unsigned",
];

/** Interface class 7. */
export function profileGeneric<T extends string>(tag: T, logicalName: string, version = 1): ProfileObject<T> {
  return { tag, classId: 7, version, logicalName, attributes: PROFILE_GENERIC };
}

/** Interface class 40, version 0. */
export function pushSetup<T extends string>(tag: T, logicalName: string): ProfileObject<T> {
  const attributes = ["array", "structure", "array", "long-unsigned", "unsigned", "long-unsigned"] as const;
  return { tag, classId: 40, version: 0, logicalName, attributes };
}

/** Interface class 47, version 0. */
export function gsmDiagnostic<T extends string>(tag: T, logicalName: string): ProfileObject<T> {
  const attributes = ["visible-string", "enum", "enum", "enum", "structure", "array", "date-time"] as const;
  return { tag, classId: 47, version: 0, logicalName, attributes };
}

/** Interface class 22. */
export function singleActionSchedule<T extends string>(tag: T, logicalName: string): ProfileObject<T> {
  return { tag, classId: 22, version: 0, logicalName, attributes: ["structure", "enum", "array"] };
}

type Phase = 1 | 2 | 3;

/** The same object for three phases; `logicalName` gives each its OBIS code, `tag` gets `_L1` … `_L3` behind it. */
export function perPhase<T extends string>(
  tag: T,
  groups: readonly [number, number, number],
  make: <P extends string>(tag: P, group: number) => ProfileObject<P>,
): ProfileObject<`${T}_L${Phase}`>[] {
  return groups.map((group, i) => make(`${tag}_L${(i + 1) as Phase}` as const, group));
}

/** Group C of the three phases. */
export const VOLTAGE = [32, 52, 72] as const;
export const CURRENT = [31, 51, 71] as const;
export const ACTIVE_IMPORT = [21, 41, 61] as const;
export const ACTIVE_EXPORT = [22, 42, 62] as const;
export const REACTIVE_IMPORT = [23, 43, 63] as const;
export const REACTIVE_EXPORT = [24, 44, 64] as const;
