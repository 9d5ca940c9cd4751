import { toHex } from "../../../lib/bytes.ts";
import { configureWlan, type WlanChange } from "../../../operations/egauge/configure-wlan.ts";
import { done, wireForm } from "../wire-form.ts";

export const configureWlanForm = wireForm(configureWlan, "egauge-commands:ConfigureWlan", {
  request: ({ Action, Ssid, Hidden, EncryptionKey, KeyIsHex, NetworkId }) => ({
    action: Action.toLowerCase() as WlanChange["action"],
    ...(Ssid !== undefined && { ssid: Ssid }),
    hidden: Hidden,
    ...(EncryptionKey && { key: toHex(EncryptionKey) }),
    keyIsHex: KeyIsHex,
    ...(NetworkId !== undefined && { networkId: NetworkId }),
  }),
  response: done,
});
