import type { Hex } from "../../lib/bytes.ts";
import { defineOperation, type Nothing } from "../operation.ts";
import { requireSealed } from "../sealed-key.ts";

/** Secrets as they came: RSA-OAEP ciphertext, never in clear. */
export interface HomeplugPassword {
  /** 4 to 24 characters without double quotes. */
  readonly password: Hex;
  readonly targets: readonly {
    /** `01:23:45:67:89:ab` */
    readonly macAddress: string;
    /** What the bridge's label says. */
    readonly deviceKey: Hex;
  }[];
}

/** Gives the power line's bridges, that of an eGauge meter and those named, one password. */
export const setHomeplugPassword = defineOperation<HomeplugPassword, Nothing>({
  name: "SetHomeplugPassword",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_HOMEPLUG_PASSWORD",
  failure: "fault",
  check({ password, targets }) {
    requireSealed("Password", password);
    for (const { deviceKey } of targets) requireSealed("EncryptionKey", deviceKey);
  },
});
