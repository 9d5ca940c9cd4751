import { MetergateError } from "../../domain/errors.ts";
import { PASSWORD } from "./device.ts";
import { userHash } from "./digest.ts";
import type { OperationContext } from "./execution.ts";

/**
 * Gives the meter's user another password. The vault has it before the meter gets it; a change whose answer got lost is
 * found out by the next login, which tries both.
 * @param make the password; asked once in all runs
 * @throws MetergateError DEVICE_REFUSED, and the new password stays new
 */
export async function changePassword(context: OperationContext, make: () => string): Promise<void> {
  const { meter, vault, device, actionId, correlationUid } = context;
  const { identification, egauge } = device;
  const states = async () =>
    (await vault.broughtBy(identification, actionId)).filter(({ type }) => type === PASSWORD).map(({ state }) => state);
  // Whoever logs in proves which password the meter has.
  await meter.token();
  const before = await states();
  if (before.includes("ACTIVE") || before.includes("EXPIRED")) return;
  if (!before.includes("NEW")) {
    await vault.storeNew(identification, [{ type: PASSWORD, value: Buffer.from(make()) }], actionId);
  }
  const stored = await vault.getNew(identification, PASSWORD, { purpose: "password change", correlationUid });
  if (!stored) throw new MetergateError("KEY_NOT_PRESENT", `${identification} has no new ${PASSWORD}`);
  const password = Buffer.from(stored).toString();
  const hash = userHash({ realm: await meter.realm(), user: egauge.user, password });
  // What is posted is merged: the user keeps what else there is of it.
  await meter.call({ method: "POST", path: `/config/user/${encodeURIComponent(egauge.user)}`, body: { hash } });
  if (!(await meter.takes(password))) {
    throw new MetergateError("DEVICE_REFUSED", "the meter took a password and does not let its user in with it");
  }
  await vault.activate(identification, [PASSWORD]);
  meter.forgetToken();
}
