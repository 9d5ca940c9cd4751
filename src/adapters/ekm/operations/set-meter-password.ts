import { MetergateError } from "../../../domain/errors.ts";
import { setMeterPassword } from "../../../operations/ekm/set-meter-password.ts";
import { execution } from "../execution.ts";
import { changePassword } from "../password-change.ts";

export const setMeterPasswordExecution = execution(setMeterPassword, {
  async run(context, { password: sealed }) {
    const password = Buffer.from(context.platformKeys.openSecret(sealed)).toString("ascii");
    if (!/^\d{8}$/.test(password)) throw new MetergateError("VALIDATION_ERROR", "Password must be 8 digits");
    return changePassword(context, () => password);
  },
});
