import { generateAndReplaceKeys } from "../../../operations/configuration/generate-and-replace-keys.ts";
import { execution } from "../execution.ts";
import { changePassword } from "../password-change.ts";

const OCTETS = 24;

/** Makes a password that only the vault knows. */
export const generateAndReplaceKeysExecution = execution(generateAndReplaceKeys, {
  async run(context) {
    await changePassword(context, () => Buffer.from(context.random.bytes(OCTETS)).toString("base64url"));
    return {};
  },
});
