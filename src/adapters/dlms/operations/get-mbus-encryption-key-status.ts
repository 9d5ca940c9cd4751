import { getMbusEncryptionKeyStatus } from "../../../operations/configuration/get-mbus-encryption-key-status.ts";
import { channelOf, execution } from "../execution.ts";
import { missingKeyStatus, readKeyStatus } from "./mbus-key-status.ts";

/** Addressed to the M-Bus device. */
export const getMbusEncryptionKeyStatusExecution = execution(getMbusEncryptionKeyStatus, {
  missing: missingKeyStatus,
  async run({ meter, profile, target }) {
    return { status: await readKeyStatus(meter, profile, channelOf(target)) };
  },
});
