import { toHex } from "../../../lib/bytes.ts";
import { setHomeplugPassword } from "../../../operations/egauge/set-homeplug-password.ts";
import { done, wireForm } from "../wire-form.ts";

export const setHomeplugPasswordForm = wireForm(setHomeplugPassword, "egauge-commands:SetHomeplugPassword", {
  request: ({ Password, Target }) => ({
    password: toHex(Password),
    targets: Target.map(({ MacAddress, EncryptionKey }) => ({
      macAddress: MacAddress,
      deviceKey: toHex(EncryptionKey),
    })),
  }),
  response: done,
});
