import type { Device, DeviceFamily } from "./device.ts";
import type { Action, ActionOutcome, Caller, OperationName } from "./request.ts";

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
  isAuthorised(device: string, operation: OperationName, asked?: Pick<Action, "version" | "request">): Promise<boolean>;
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
  /**
   * Keeps what a later run has to know about an action before it touches the device again: how the device was before
   * something moves, or the name under which the device goes on with it. In place of an earlier note; durable when it
   * resolves. No secret may be in it.
   * @throws when the run's lease is lost: nothing more may be sent to the device
   */
  note(position: number, note: object): Promise<void>;
  /** What this run or an earlier one noted about an action. */
  noted(position: number): Promise<object | undefined>;
  /**
   * What was noted about the first action of another request, which has not ended: of the same organisation to the same
   * device, or nothing.
   */
  notedBy(correlationUid: string): Promise<object | undefined>;
  /** Tells how far a long action has come, for operators; losing it does no harm. */
  progress(position: number, done: number, total: number): void;
}

/** What the worker sees of a device family, or of the platform, on which operations run that need no device. */
export interface Adapter {
  readonly family: DeviceFamily;
  /**
   * Why an operation on `target` is not offered, in words for the caller; undefined when it is. What is not offered is
   * answered with 416 and never queued.
   * @param device the device to connect to, as in AdapterRun
   * @param request what is asked for, as a part of it may not be offered
   */
  whyUnsupported(target: Device, device: Device, operation: OperationName, request: object): string | undefined;
  /**
   * Runs the actions and reports one outcome for each: a device's "no" is an outcome, and the next action goes on.
   * An action that is not reported because `notAfterMs` has passed ends as MAX_SCHEDULE_TIME_EXCEEDED.
   * @throws Snooze to have the request put back for a while.
   * @throws MetergateError when the device could not be reached or the association broke; what was reported stays.
   */
  run(run: AdapterRun): Promise<void>;
  /** Lets go of what it keeps between runs, such as connections. Nothing runs any more then. */
  close?(): void | Promise<void>;
}
