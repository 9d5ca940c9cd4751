import {
  asBitString,
  asNumber,
  asStructure,
  type BitString,
  type CosemData,
  cosem,
  isBitSet,
} from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import type {
  ConfigurationFlag,
  ConfigurationObject,
  GprsOperationMode,
} from "../../../operations/configuration-object.ts";
import type { SecurityFlags } from "../device.ts";
import { type OperationContext, refusal, requireSuccess, resultName } from "../execution.ts";
import { attributeOf, findObject, formatProtocol, type Profile } from "../profiles/index.ts";
import type { ConfigurationLayout } from "../profiles/profile.ts";

/** The configuration object as it is in a meter. */
export interface MeterConfiguration {
  /** Value of the enum in front of the flags; absent when the layout has none. */
  readonly mode?: number | undefined;
  readonly flags: BitString;
}

const MODES: Readonly<Record<number, GprsOperationMode>> = { 1: "ALWAYS_ON", 2: "TRIGGERED" };
/** The object has this many bits, in use or not. */
const FLAG_BITS = 16;
/** Which flag of the meter decides which flag of its record. */
const SECURITY_OF_FLAG: Partial<Record<ConfigurationFlag, keyof SecurityFlags>> = {
  HLS_3_ON_P3_ENABLE: "hls3Active",
  HLS_4_ON_P3_ENABLE: "hls4Active",
  HLS_5_ON_P3_ENABLE: "hls5Active",
};

/** @throws DlmsError `remote/unexpected-type` when the value is laid out otherwise. */
export function decodeConfiguration(layout: ConfigurationLayout, data: CosemData): MeterConfiguration {
  if (layout.shape === "bit-string") return { flags: asBitString(data, "configuration object") };
  const [mode, flags] = asStructure(data, 2, "configuration object");
  return { mode: asNumber(mode, "GPRS operation mode"), flags: asBitString(flags, "configuration flags") };
}

export function encodeConfiguration({ mode, flags }: MeterConfiguration): CosemData {
  const bits = cosem.bitString(flags.bytes, flags.length);
  return mode === undefined ? bits : cosem.structure([cosem.enum(mode), bits]);
}

/**
 * What the meter's configuration becomes: flags and mode of the request override, everything else stays.
 * @throws MetergateError OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL when a flag is to be set that the layout lacks.
 */
export function mergeConfiguration(
  layout: ConfigurationLayout,
  current: MeterConfiguration,
  request: ConfigurationObject,
): MeterConfiguration {
  const length = Math.max(current.flags.length, FLAG_BITS);
  const bytes = new Uint8Array(Math.ceil(length / 8));
  bytes.set(current.flags.bytes);
  for (const { flag, enabled } of request.flags) {
    const bit = layout.flags.indexOf(flag);
    if (bit < 0) {
      if (!enabled) continue;
      throw new MetergateError(
        "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL",
        `ConfigurationFlagTypeDto ${flag} not known for protocol`,
      );
    }
    const mask = 0x80 >> (bit & 7);
    bytes[bit >> 3] = enabled ? bytes[bit >> 3]! | mask : bytes[bit >> 3]! & ~mask;
  }
  const requested = Object.keys(MODES)
    .map(Number)
    .find((mode) => MODES[mode] === request.gprsOperationMode);
  return {
    ...(current.mode !== undefined && { mode: requested ?? current.mode }),
    flags: { length, bytes },
  };
}

/** Every flag that the layout knows, those that are off included. */
export function toConfigurationObject(
  layout: ConfigurationLayout,
  { mode, flags }: MeterConfiguration,
): ConfigurationObject {
  return {
    ...(mode !== undefined && { gprsOperationMode: MODES[mode] }),
    flags: layout.flags.flatMap((flag, bit) => (flag ? [{ flag, enabled: isBitSet(flags, bit) }] : [])),
  };
}

export function missingConfiguration(profile: Profile): string | undefined {
  return profile.configuration
    ? undefined
    : `Cannot find configuration object for protocol ${formatProtocol(profile.protocol)}`;
}

export function layoutOf(profile: Profile): ConfigurationLayout {
  if (profile.configuration) return profile.configuration;
  throw new MetergateError("OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", missingConfiguration(profile)!);
}

export async function readConfiguration({ meter, profile }: OperationContext): Promise<MeterConfiguration> {
  const layout = layoutOf(profile);
  const result = await meter.tryGet(attributeOf(findObject(profile, "CONFIGURATION_OBJECT"), 2));
  if ("error" in result) {
    const text = `Non-successful result received retrieving configuration object: ${resultName(result.error)}`;
    throw refusal(text, [result.error]);
  }
  return decodeConfiguration(layout, result.data);
}

/** How the meter is associated with from now on follows from its flags; a flag that the layout lacks changes nothing. */
export async function recordSecurity(
  { records, device }: OperationContext,
  { flags }: ConfigurationObject,
): Promise<void> {
  const security: { -readonly [F in keyof SecurityFlags]?: boolean } = {};
  for (const { flag, enabled } of flags) {
    const field = SECURITY_OF_FLAG[flag];
    if (field) security[field] = enabled;
  }
  await records.setSecurity(device.identification, security);
}

/**
 * Changes the configuration object: reads it, overrides what the request names, writes it back.
 * @throws MetergateError as `run` of every operation, and what `mergeConfiguration` throws.
 */
export async function changeConfiguration(context: OperationContext, request: ConfigurationObject): Promise<void> {
  const layout = layoutOf(context.profile);
  const merged = mergeConfiguration(layout, await readConfiguration(context), request);
  const object = findObject(context.profile, "CONFIGURATION_OBJECT");
  const result = await context.meter.set(attributeOf(object, 2), encodeConfiguration(merged));
  requireSuccess(result, "Set configuration object reported result is: ");
  await recordSecurity(context, toConfigurationObject(layout, merged));
}
