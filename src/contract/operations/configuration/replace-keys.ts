import { toHex } from "../../../lib/bytes.ts";
import { replaceKeys } from "../../../operations/configuration/replace-keys.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { done, wireForm } from "../wire-form.ts";

function toReplaceKeys({ AuthenticationKey, EncryptionKey }: wire.SetKeysRequestData) {
  return { authenticationKey: toHex(AuthenticationKey), encryptionKey: toHex(EncryptionKey) };
}

export const replaceKeysForm = wireForm(replaceKeys, "sm-configuration:ReplaceKeys", {
  request: (r) => toReplaceKeys(r.SetKeysRequestData),
  response: done,
  bundle: {
    element: "SetKeysRequest",
    request: toReplaceKeys,
    success: (_result, device) => `Replace keys for device ${device} was successful`,
  },
});
