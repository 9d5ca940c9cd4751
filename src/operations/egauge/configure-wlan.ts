import type { Hex } from "../../lib/bytes.ts";
import { refuse } from "../checks.ts";
import { defineOperation, type Nothing } from "../operation.ts";
import { requireSealed } from "../sealed-key.ts";

export interface WlanChange {
  /** Adding selects, too. */
  readonly action: "add" | "select" | "forget";
  readonly ssid?: string | undefined;
  readonly hidden: boolean;
  /** Passphrase or hexadecimal digits, as it came: RSA-OAEP ciphertext, never in clear. Absent: an open network. */
  readonly key?: Hex | undefined;
  readonly keyIsHex: boolean;
  readonly networkId?: number | undefined;
}

/** Says which wireless networks an eGauge meter knows and uses. */
export const configureWlan = defineOperation<WlanChange, Nothing>({
  name: "ConfigureWlan",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "CONFIGURE_WLAN",
  failure: "fault",
  check({ action, ssid, hidden, key, keyIsHex, networkId }) {
    const isAdded = action === "add";
    if (isAdded !== (ssid !== undefined)) refuse("Ssid is for ADD, and ADD needs it");
    if (isAdded === (networkId !== undefined)) refuse("NetworkId is for SELECT and FORGET, which need it");
    if (!isAdded && (hidden || key !== undefined || keyIsHex)) refuse("Hidden, EncryptionKey and KeyIsHex are for ADD");
    if (keyIsHex && key === undefined) refuse("KeyIsHex needs an EncryptionKey");
    if (ssid !== undefined && /[\n\0]/.test(ssid)) refuse("Ssid has no line breaks");
    if (key !== undefined) requireSealed("EncryptionKey", key);
  },
});
