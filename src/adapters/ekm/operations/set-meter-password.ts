import { MetergateError } from "../../../domain/errors.ts";
import { setMeterPassword } from "../../../operations/ekm/set-meter-password.ts";
import { execution } from "../execution.ts";

/**
 * Keeps the new password first, then gives it to the meter. When the answer is missing both are kept: the next command
 * that the meter refuses is tried with the other one, and shows which it has.
 */
export const setMeterPasswordExecution = execution(setMeterPassword, {
  async run({ meter, passwords, platformKeys, actionId }, { password: sealed }) {
    const password = Buffer.from(platformKeys.openSecret(sealed)).toString("ascii");
    if (!/^\d{8}$/.test(password)) throw new MetergateError("VALIDATION_ERROR", "Password must be 8 digits");
    const state = await passwords.broughtBy(actionId);
    if (state === "ACTIVE" || state === "EXPIRED") return { by: "ANSWER" };
    if (state === undefined) {
      await meter.settlePassword();
      await passwords.bring(password, actionId);
    }
    const confirmation = await meter.changePassword(password);
    await passwords.nextIsInUse();
    return confirmation;
  },
});
