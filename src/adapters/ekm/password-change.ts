import { MetergateError } from "../../domain/errors.ts";
import type { Confirmation } from "../../operations/ekm.ts";
import type { OperationContext } from "./execution.ts";

/**
 * Keeps another password first, then gives it to the meter. When the answer is missing both are kept: the next command
 * that the meter refuses is tried with the other one, and shows which it has.
 * @param make the password, 8 digits; asked once in all runs
 */
export async function changePassword(
  { meter, passwords, device, actionId }: OperationContext,
  make: () => string,
): Promise<Confirmation> {
  const state = await passwords.broughtBy(actionId);
  if (state === "ACTIVE" || state === "EXPIRED") return { by: "ANSWER" };
  if (state !== "NEW") {
    await meter.settlePassword();
    await passwords.bring(make(), actionId);
  }
  const password = await passwords.next();
  if (password === undefined)
    throw new MetergateError("KEY_NOT_PRESENT", `${device.identification} has no new password`);
  const confirmation = await meter.changePassword(password);
  await passwords.nextIsInUse();
  return confirmation;
}
