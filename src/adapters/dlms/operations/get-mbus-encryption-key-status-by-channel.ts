import { getMbusEncryptionKeyStatusByChannel } from "../../../operations/configuration/get-mbus-encryption-key-status-by-channel.ts";
import { execution } from "../execution.ts";
import { isEmptyChannel, readShortId } from "./mbus-channel.ts";
import { missingKeyStatus, readKeyStatus } from "./mbus-key-status.ts";

/** Addressed to the electricity meter; a channel without a device has no key. */
export const getMbusEncryptionKeyStatusByChannelExecution = execution(getMbusEncryptionKeyStatusByChannel, {
  missing: missingKeyStatus,
  async run({ meter, profile }, { channel }) {
    if (isEmptyChannel(await readShortId(meter, profile, channel))) return { status: "NO_ENCRYPTION_KEY" };
    return { status: await readKeyStatus(meter, profile, channel) };
  },
});
