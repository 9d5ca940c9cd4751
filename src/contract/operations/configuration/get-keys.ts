import { fromHex } from "../../../lib/bytes.ts";
import { getKeys } from "../../../operations/configuration/get-keys.ts";
import type { ResultOf } from "../../../operations/operation.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { wireForm } from "../wire-form.ts";

/** A key that the vault does not have is an entry with an empty value: the schema has no nil there. */
function fromKeys({ keys }: ResultOf<typeof getKeys>): wire.GetKeysResponseData[] {
  return keys.map(({ secretType, sealed }) =>
    sealed === null
      ? { Result: "NOT FOUND", secretType, secretValue: new Uint8Array() }
      : { Result: "OK", secretType, secretValue: fromHex(sealed) },
  );
}

export const getKeysForm = wireForm(getKeys, "sm-configuration:GetKeys", {
  request: (r) => ({ secretTypes: r.GetKeysData.secretTypes }),
  response: (result) => ({ Result: "OK", GetKeysResponseData: fromKeys(result) }),
});
