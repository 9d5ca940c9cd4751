import { asNumber } from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import type { EncryptionKeyStatus, MbusShortId } from "../../../operations/mbus.ts";
import { channelOf, missingObject, type Operation } from "../operation.ts";
import { attributeOf, findObject, type Profile } from "../profiles/index.ts";
import type { MeterSession } from "../session.ts";
import { isEmptyChannel, readShortId } from "./mbus-channel.ts";

const CHANNELS = [1, 2, 3, 4] as const;
const KEY_STATUS_ATTRIBUTE = 14;
/** Positions are the values of the enum. */
const KEY_STATUSES: readonly EncryptionKeyStatus[] = [
  "NO_ENCRYPTION_KEY",
  "ENCRYPTION_KEY_SET",
  "ENCRYPTION_KEY_TRANSFERRED",
  "ENCRYPTION_KEY_SET_AND_TRANSFERRED",
  "ENCRYPTION_KEY_IN_USE",
];

const missing = (profile: Profile) => missingObject(profile, "MBUS_CLIENT_SETUP", KEY_STATUS_ATTRIBUTE);

async function readKeyStatus(meter: MeterSession, profile: Profile, channel: number): Promise<EncryptionKeyStatus> {
  const object = findObject(profile, "MBUS_CLIENT_SETUP", channel);
  const value = asNumber(await meter.get(attributeOf(object, KEY_STATUS_ATTRIBUTE)), "encryption key status");
  const status = KEY_STATUSES[value];
  if (!status) throw new MetergateError("ILLEGAL_RESPONSE", `The meter reports an encryption key status of ${value}`);
  return status;
}

/** Addressed to the M-Bus device. */
export const getMbusEncryptionKeyStatus: Operation<"GetMbusEncryptionKeyStatus"> = {
  missing,
  async run({ meter, profile, target }) {
    return { status: await readKeyStatus(meter, profile, channelOf(target)) };
  },
};

/** Addressed to the electricity meter; a channel without a device has no key. */
export const getMbusEncryptionKeyStatusByChannel: Operation<"GetMbusEncryptionKeyStatusByChannel"> = {
  missing,
  async run({ meter, profile }, { channel }) {
    if (isEmptyChannel(await readShortId(meter, profile, channel))) return { status: "NO_ENCRYPTION_KEY" };
    return { status: await readKeyStatus(meter, profile, channel) };
  },
};

export const scanMbusChannels: Operation<"ScanMbusChannels"> = {
  missing: (profile) => missingObject(profile, "MBUS_CLIENT_SETUP"),
  async run({ meter, profile }) {
    const channels: MbusShortId[] = [];
    for (const channel of CHANNELS) channels.push(await readShortId(meter, profile, channel));
    return { channels };
  },
};
