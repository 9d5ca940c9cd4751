import type { Random } from "../../../lib/random.ts";
import { generateAndReplaceKeys } from "../../../operations/configuration/generate-and-replace-keys.ts";
import { execution } from "../execution.ts";
import { changePassword } from "../password-change.ts";

const DIGITS = 8;
/** Octets below it stand for each digit equally often. */
const FAIR = 250;

/** Makes a password that only the vault knows. */
export const generateAndReplaceKeysExecution = execution(generateAndReplaceKeys, {
  async run(context) {
    await changePassword(context, () => randomDigits(context.random));
    return {};
  },
});

function randomDigits(random: Random): string {
  let digits = "";
  while (digits.length < DIGITS) {
    const [octet = FAIR] = random.bytes(1);
    if (octet < FAIR) digits += octet % 10;
  }
  return digits;
}
