import { asNumber } from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import type { EncryptionKeyStatus } from "../../../operations/mbus.ts";
import { missingObject } from "../execution.ts";
import { attributeOf, findObject, type Profile } from "../profiles/index.ts";
import type { MeterSession } from "../session.ts";

const KEY_STATUS_ATTRIBUTE = 14;
/** Positions are the values of the enum. */
const KEY_STATUSES: readonly EncryptionKeyStatus[] = [
  "NO_ENCRYPTION_KEY",
  "ENCRYPTION_KEY_SET",
  "ENCRYPTION_KEY_TRANSFERRED",
  "ENCRYPTION_KEY_SET_AND_TRANSFERRED",
  "ENCRYPTION_KEY_IN_USE",
];

export const missingKeyStatus = (profile: Profile) => missingObject(profile, "MBUS_CLIENT_SETUP", KEY_STATUS_ATTRIBUTE);

export async function readKeyStatus(
  meter: MeterSession,
  profile: Profile,
  channel: number,
): Promise<EncryptionKeyStatus> {
  const object = findObject(profile, "MBUS_CLIENT_SETUP", channel);
  const value = asNumber(await meter.get(attributeOf(object, KEY_STATUS_ATTRIBUTE)), "encryption key status");
  const status = KEY_STATUSES[value];
  if (!status) throw new MetergateError("ILLEGAL_RESPONSE", `The meter reports an encryption key status of ${value}`);
  return status;
}
