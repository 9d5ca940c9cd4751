import { toHex } from "../../../lib/bytes.ts";
import { replaceKeys } from "../../../operations/configuration/replace-keys.ts";
import { execution } from "../execution.ts";
import { changePassword } from "../password-change.ts";

/**
 * What an eGauge meter has in place of keys is its user's password: the digits of the authentication key, in small
 * letters. It has nothing that the encryption key could be for.
 */
export const replaceKeysExecution = execution(replaceKeys, {
  async run(context, { authenticationKey }) {
    const key = context.platformKeys.openKey(authenticationKey);
    await changePassword(context, () => toHex(key).toLowerCase());
    return {};
  },
});
