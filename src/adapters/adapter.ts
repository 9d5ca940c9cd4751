import type { Device, DeviceFamily } from "../domain/device.ts";
import { type ErrorRecord, MetergateError } from "../domain/errors.ts";
import type { Action, ActionOutcome, Caller, OperationName } from "../domain/request.ts";
import type { Clock } from "../lib/clock.ts";
import type { Operation } from "../operations/operation.ts";

/**
 * Thrown by an adapter to have the request put back for a while: what it needs is busy with something else. Costs no
 * retry; outcomes that were reported stay.
 */
export class Snooze extends Error {
  readonly code = "SNOOZE";
  /** Milliseconds until the request is run again. */
  readonly delayMs: number;

  constructor(delayMs: number, reason: string) {
    super(reason);
    this.name = "Snooze";
    this.delayMs = delayMs;
  }
}

/** One run on one device: the actions of a request, to be done in order inside one association. */
export interface AdapterRun {
  readonly correlationUid: string;
  readonly caller: Caller;
  /** The device that the request names. */
  readonly target: Device;
  /** The device to connect to: the target itself, or the electricity meter in front of an M-Bus device. */
  readonly device: Device;
  readonly actions: readonly Action[];
  /** A device that an action names, as the inventory knows it now. */
  findDevice(identification: string): Promise<Device | undefined>;
  /** Whether the caller may have an operation done to a device; asked for devices that the request does not name. */
  isAuthorised(device: string, operation: OperationName): Promise<boolean>;
  /**
   * Counts the runs of this request from 1. From the second on, an unfinished action may have reached the device in a
   * run whose answer was lost: what moves something is read back before it is sent again.
   */
  readonly attempt: number;
  /** Outcomes that an earlier attempt already stored, by position; such actions are not run again. */
  readonly finished: readonly (ActionOutcome | null)[];
  /** Epoch milliseconds after which no further action may be started; see MaxScheduleTime. */
  readonly notAfterMs?: number | undefined;
  /** Aborted when the lease is lost or the process is forced to stop: close the connection and return. */
  readonly signal: AbortSignal;
  /** The device said something; or, from this end, the wait for it begins anew. A silent device keeps nobody's place. */
  heard(): void;
  /**
   * Stores how the action at `position` ended. Awaited before the next action starts. With the last one the request
   * ends: what the adapter still does then, such as to release the association, holds up nobody but this device.
   */
  report(position: number, outcome: ActionOutcome): Promise<void>;
  /** Tells how far a long action has come, for operators; losing it does no harm. */
  progress(position: number, done: number, total: number): void;
}

/** What the worker sees of a device family, or of the platform, on which operations run that need no device. */
export interface Adapter {
  readonly family: DeviceFamily | "platform";
  /**
   * Why an operation on `target` is not offered, in words for the caller; undefined when it is. What is not offered is
   * answered with 416 and never queued.
   * @param device the device to connect to, as in AdapterRun
   */
  whyUnsupported(target: Device, device: Device, operation: OperationName): string | undefined;
  /**
   * Runs the actions and reports one outcome for each: a device's "no" is an outcome, and the next action goes on.
   * An action that is not reported because `notAfterMs` has passed ends as MAX_SCHEDULE_TIME_EXCEEDED.
   * @throws Snooze to have the request put back for a while.
   * @throws MetergateError when the device could not be reached or the association broke; what was reported stays.
   */
  run(run: AdapterRun): Promise<void>;
}

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
async function targetOf({ target, findDevice }: AdapterRun, { device }: Action): Promise<Device | ErrorRecord> {
  if (device === undefined || device === target.identification) return target;
  const named = await findDevice(device);
  return named ?? { code: "UNKNOWN_DEVICE", message: `Device ${device} is not known any more` };
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
  if (!(await run.isAuthorised(device.identification, operation))) {
    const text = `Organisation ${run.caller.organisation} is not authorised for ${operation} on the M-Bus device`;
    throw new MetergateError("UNAUTHORIZED", text);
  }
  if (device.identification !== run.device.identification) requireBehind(device, run.device);
  return device as ChangeableDevice;
}

/** Why an operation is not for such a device; undefined when it is. */
export function whyNotAddressed(target: Pick<Device, "mbus">, { name, addressedTo }: Operation): string | undefined {
  return target.mbus && !addressedTo.includes("mbus-device") ? `${name} is not offered for M-Bus devices` : undefined;
}
