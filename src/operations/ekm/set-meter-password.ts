import type { Hex } from "../../lib/bytes.ts";
import type { Confirmation } from "../ekm.ts";
import { defineOperation } from "../operation.ts";
import { requireSealed } from "../sealed-key.ts";

export interface SealedPassword {
  /** The eight digits as they came: RSA-OAEP ciphertext, never in clear. */
  readonly password: Hex;
}

/** Gives a meter another password. The vault keeps it, and every later command has it. */
export const setMeterPassword = defineOperation<SealedPassword, Confirmation>({
  name: "SetMeterPassword",
  group: "OWNER",
  effect: "moves",
  notification: "SET_METER_PASSWORD",
  failure: "fault",
  check({ password }) {
    requireSealed("Password", password);
  },
});
