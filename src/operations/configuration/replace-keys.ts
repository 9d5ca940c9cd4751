import type { Hex } from "../../lib/bytes.ts";
import { defineOperation, type Nothing } from "../operation.ts";
import { requireSealed } from "../sealed-key.ts";

/** Keys as they came: RSA-OAEP ciphertext, never in clear. */
export interface SealedKeys {
  readonly authenticationKey: Hex;
  readonly encryptionKey: Hex;
}

export const replaceKeys = defineOperation<SealedKeys, Nothing>({
  name: "ReplaceKeys",
  group: "OWNER",
  effect: "moves",
  notification: "REPLACE_KEYS",
  failure: "fault",
  check({ authenticationKey, encryptionKey }) {
    requireSealed("AuthenticationKey", authenticationKey);
    requireSealed("EncryptionKey", encryptionKey);
  },
});
