import type { Hex } from "../../lib/bytes.ts";
import { refuse } from "../checks.ts";
import { defineOperation } from "../operation.ts";
import { requireSealed } from "../sealed-key.ts";

export interface MailTest {
  readonly address: string;
  readonly server?: string | undefined;
  readonly user?: string | undefined;
  /** As it came: RSA-OAEP ciphertext, never in clear. */
  readonly password?: Hex | undefined;
  readonly fromAddress?: string | undefined;
}

/** Has an eGauge meter send a mail, and tells what it saw. */
export const testEmail = defineOperation<MailTest, { readonly log: string }>({
  name: "TestEmail",
  group: "AD_HOC",
  effect: "moves",
  notification: "TEST_EMAIL",
  failure: "fault",
  check({ address, password }) {
    if (!address.includes("@")) refuse("Address must be a mail address");
    if (password !== undefined) requireSealed("Password", password);
  },
});
