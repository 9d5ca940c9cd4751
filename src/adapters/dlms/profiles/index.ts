import type { AttributeReference, MethodReference } from "../../../dlms/apdu.ts";
import type { DeviceProtocol } from "../../../domain/device.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { type ObisCode, parseObis } from "../../../lib/obis.ts";
import { DSMR_2_2, type DSMR22_OBJECTS } from "./dsmr22.ts";
import { DSMR_4_2_2, type DSMR422_OBJECTS } from "./dsmr422.ts";
import type { Profile } from "./profile.ts";
import { SMR_4_3, type SMR43_OBJECTS } from "./smr43.ts";
import { SMR_5_1, type SMR51_OBJECTS } from "./smr51.ts";
import { SMR_5_2, type SMR52_OBJECTS } from "./smr52.ts";
import { SMR_5_5, type SMR55_OBJECTS } from "./smr55.ts";
import { SMR_5_0_0, type SMR500_OBJECTS } from "./smr500.ts";

export type { Profile } from "./profile.ts";

/** Every profile, oldest version first. */
export const PROFILES: readonly Profile[] = [DSMR_2_2, DSMR_4_2_2, SMR_4_3, SMR_5_0_0, SMR_5_1, SMR_5_2, SMR_5_5];

/** Names of the objects that any profile has. */
export type ObjectTag = (
  | typeof DSMR22_OBJECTS
  | typeof DSMR422_OBJECTS
  | typeof SMR43_OBJECTS
  | typeof SMR500_OBJECTS
  | typeof SMR51_OBJECTS
  | typeof SMR52_OBJECTS
  | typeof SMR55_OBJECTS
)[number]["tag"];

/** An object of a profile, as it is addressed in a meter. */
export interface FoundObject {
  readonly classId: number;
  /** Version of the interface class. */
  readonly version: number;
  readonly logicalName: ObisCode;
}

export function formatProtocol({ name, version }: DeviceProtocol): string {
  return `${name} ${version}`;
}

/** @throws MetergateError UNKNOWN_PROTOCOL_NAME_OR_VERSION_OR_VARIANT */
export function findProfile(protocol: DeviceProtocol): Profile {
  const profile = PROFILES.find(
    (candidate) => candidate.protocol.name === protocol.name && candidate.protocol.version === protocol.version,
  );
  if (profile) return profile;
  const known = PROFILES.map((candidate) => formatProtocol(candidate.protocol)).join(", ");
  throw new MetergateError(
    "UNKNOWN_PROTOCOL_NAME_OR_VERSION_OR_VARIANT",
    `There is no profile for protocol ${formatProtocol(protocol)}; there are: ${known}`,
  );
}

/** Whether meters of this profile have the object, and the attribute if one is named. */
export function hasObject(profile: Profile, tag: ObjectTag, attribute = 1): boolean {
  const object = profile.objects.get(tag);
  return object !== undefined && attribute <= object.attributes.length + 1;
}

/**
 * Where meters of this profile have the object.
 * @param channel M-Bus channel, 1 … 4, for objects that exist once per channel.
 * @throws MetergateError OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL when they have none; INTERNAL for an object
 * per channel without a channel.
 */
export function findObject(profile: Profile, tag: ObjectTag, channel?: number): FoundObject {
  const object = profile.objects.get(tag);
  if (!object) {
    throw new MetergateError(
      "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL",
      `No address found for ${tag} in protocol ${formatProtocol(profile.protocol)}`,
    );
  }
  const { classId, version, logicalName } = object;
  if (!logicalName.includes("x")) return { classId, version, logicalName: parseObis(logicalName) };
  if (channel === undefined) throw new MetergateError("INTERNAL", `${tag} is asked for without a channel`);
  return { classId, version, logicalName: parseObis(logicalName.replace("x", String(channel))) };
}

/** The tag of an object found in a meter, if the profile has one for it. */
export function tagOf(profile: Profile, classId: number, logicalName: ObisCode): string | undefined {
  const onChannel = logicalName.replace(/^(\d+)\.[1-4]\./, "$1.x.");
  for (const object of profile.objects.values()) {
    if (object.classId !== classId) continue;
    if (object.logicalName === logicalName || object.logicalName === onChannel) return object.tag;
  }
  return undefined;
}

export function attributeOf(object: FoundObject, attribute: number): AttributeReference {
  return { classId: object.classId, logicalName: object.logicalName, attribute };
}

export function methodOf(object: FoundObject, method: number): MethodReference {
  return { classId: object.classId, logicalName: object.logicalName, method };
}
