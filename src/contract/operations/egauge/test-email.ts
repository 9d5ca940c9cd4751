import { toHex } from "../../../lib/bytes.ts";
import { testEmail } from "../../../operations/egauge/test-email.ts";
import { printable } from "../values.ts";
import { wireForm } from "../wire-form.ts";

export const testEmailForm = wireForm(testEmail, "egauge-commands:TestEmail", {
  request: ({ Address, MailServer, MailUser, Password, FromAddress }) => ({
    address: Address,
    ...(MailServer !== undefined && { server: MailServer }),
    ...(MailUser !== undefined && { user: MailUser }),
    ...(Password && { password: toHex(Password) }),
    ...(FromAddress !== undefined && { fromAddress: FromAddress }),
  }),
  response: ({ log }) => ({ Result: "OK", Log: printable(log) }),
});
