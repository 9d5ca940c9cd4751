import type { AdapterRun } from "../domain/adapter.ts";
import type { Device } from "../domain/device.ts";
import { type ErrorRecord, MetergateError } from "../domain/errors.ts";
import type { Action, ActionOutcome, OperationName } from "../domain/request.ts";
import type { Clock } from "../lib/clock.ts";
import { mbusOf } from "../operations/mbus.ts";
import type { Operation } from "../operations/operation.ts";

/** Runs what is unfinished, in order and as long as there is time, and reports how each action ended. */
export async function runActions(
  run: AdapterRun,
  clock: Clock,
  perform: (action: Action, position: number, target: Device) => Promise<ActionOutcome>,
): Promise<void> {
  for (const [position, action] of run.actions.entries()) {
    if (run.finished[position]) continue;
    if (run.notAfterMs !== undefined && clock.now() > run.notAfterMs) return;
    const target = await targetOf(run, action);
    const outcome = "code" in target ? { ok: false as const, error: target } : await perform(action, position, target);
    await run.report(position, outcome);
  }
}

/** The device that an action is about, or why there is none. */
async function targetOf(
  { target, findDevice, isAuthorised, caller }: AdapterRun,
  action: Action,
): Promise<Device | ErrorRecord> {
  const { device, operation } = action;
  if (device === undefined || device === target.identification) return target;
  const named = await findDevice(device);
  if (!named) return { code: "UNKNOWN_DEVICE", message: `Device ${device} is not known any more` };
  if (await isAuthorised(device, operation, action)) return named;
  const message = `Organisation ${caller.organisation} is not authorised for ${operation} on device ${device} any more`;
  return { code: "UNAUTHORIZED", message };
}

/** In the words that callers of the public contract know. */
export const NO_GATEWAY = "Meter for gas reads should have an energy meter as gateway device.";

/**
 * Lets nothing pass that is not behind the meter that is connected to.
 * @throws MetergateError GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE, GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE
 */
export function requireBehind({ identification, gateway }: Device, meter: Device): void {
  if (gateway?.device === meter.identification) return;
  if (!gateway) throw new MetergateError("GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE", NO_GATEWAY);
  const text = `${identification} is not behind ${meter.identification}`;
  throw new MetergateError("GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE", text);
}

declare const changeable: unique symbol;
/** A device whose keys and record the caller may have changed by the action that runs; see `requireChangeable`. */
export type ChangeableDevice = Device & { readonly [changeable]: true };

/**
 * An action may meet devices that the request does not name: a meter tells what is on its M-Bus. What it changes of
 * them, the caller must have a right to, and they must be known to be behind that meter.
 * @throws MetergateError UNAUTHORIZED, GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE
 */
export async function requireChangeable(run: AdapterRun, operation: OperationName, device: Device) {
  await requireAuthorised(run, operation, device);
  if (device.identification !== run.device.identification) requireBehind(device, run.device);
  return device as ChangeableDevice;
}

/**
 * The same for a device that need not be behind that meter: it is to be coupled, or may be coupled elsewhere.
 * @throws MetergateError UNAUTHORIZED
 */
export async function requireAuthorised(run: AdapterRun, operation: OperationName, { identification }: Device) {
  if (await run.isAuthorised(identification, operation)) return;
  const text = `Organisation ${run.caller.organisation} is not authorised for ${operation} on the M-Bus device`;
  throw new MetergateError("UNAUTHORIZED", text);
}

/** Why an operation is not for such a device; undefined when it is. */
export function whyNotAddressed(target: Device, { name, addressedTo }: Operation): string | undefined {
  // What names no device that must be known may name any.
  if (addressedTo.length === 0) return undefined;
  return mbusOf(target) && !addressedTo.includes("mbus-device")
    ? `${name} is not offered for M-Bus devices`
    : undefined;
}
