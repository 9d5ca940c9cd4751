import type { Device } from "../../domain/device.ts";
import { MetergateError } from "../../domain/errors.ts";
import type { Caller } from "../../domain/request.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Operation } from "../../operations/operation.ts";
import { type ChangeableDevice, NO_GATEWAY } from "../run-actions.ts";
import type { DlmsDevice } from "./device.ts";
import type { KeyLock } from "./key-lock.ts";
import type { KeyPorts } from "./key-ports.ts";
import type { CounterStore, DeviceRecords, FirmwareStore, SecretStore } from "./ports.ts";
import { formatProtocol, hasObject, type ObjectTag, type Profile } from "./profiles/index.ts";
import type { MeterSession } from "./session.ts";

/** What an operation has at hand. */
export interface OperationContext {
  /** The conversation with the meter; it connects when it is first used. */
  readonly meter: MeterSession;
  /** Profile of the meter that is connected to. */
  readonly profile: Profile;
  /** The meter that is connected to. */
  readonly device: DlmsDevice;
  /** The device that the request names: the meter itself or an M-Bus device behind it. */
  readonly target: Device;
  readonly clock: Clock;
  readonly records: DeviceRecords;
  readonly secrets: SecretStore;
  readonly counters: CounterStore;
  readonly firmware: FirmwareStore;
  readonly keys: KeyPorts;
  /** Of the meter that is connected to. */
  readonly keyLock: KeyLock;
  readonly caller: Caller;
  /** Names this action of its request, the same in every run. */
  readonly actionId: string;
  /** Of the request that this is for. */
  readonly correlationUid: string;
  /** Counts the runs of the request from 1; see AdapterRun. */
  readonly attempt: number;
  /**
   * To be asked before anything is changed of a device that the request does not name.
   * @throws MetergateError UNAUTHORIZED, GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE
   */
  requireChangeable(device: Device): Promise<ChangeableDevice>;
  /**
   * The same for a device that is to be coupled to the meter, and so is not behind it yet.
   * @throws MetergateError UNAUTHORIZED
   */
  requireAuthorised(device: Device): Promise<void>;
  /** Tells how far a long operation has come, for operators. */
  progress(done: number, total: number): void;
}

/** How an operation is carried out on DLMS meters. */
export interface Execution<Request extends object = object, Result extends object = object> {
  readonly operation: Operation<Request, Result>;
  /**
   * Why meters of this profile do not offer the operation, as told to the caller; undefined when they do.
   * @param request what is asked for, where that decides; without it, whether anything at all can be asked for
   */
  missing(profile: Profile, request?: Request): string | undefined;
  /**
   * @throws MetergateError DEVICE_REFUSED, ERROR_RETRIEVING_ATTRIBUTE_VALUE, VALIDATION_ERROR when the outcome is a
   * "no"; anything that the session throws when the connection broke.
   */
  run(context: OperationContext, request: Request): Promise<Result>;
}

/** Says how an operation is carried out; meters of every profile offer it unless something is `missing`. */
export function execution<Request extends object, Result extends object>(
  operation: Operation<Request, Result>,
  how: Pick<Execution<Request, Result>, "run"> & Partial<Pick<Execution<Request, Result>, "missing">>,
): Execution<Request, Result> {
  return { operation, missing: () => undefined, ...how };
}

/** Why meters of this profile do without an object or attribute; undefined when they have it. */
export function missingObject(profile: Profile, tag: ObjectTag, attribute?: number): string | undefined {
  if (hasObject(profile, tag, attribute)) return undefined;
  return `No address found for ${tag} in protocol ${formatProtocol(profile.protocol)}`;
}

/** The name of a result as callers of the public contract know it: `read-write-denied` is READ_WRITE_DENIED. */
export function resultName(result: string): string {
  return result.replaceAll("-", "_").toUpperCase();
}

/** The one result that says "not now"; all others say "no". */
const NOT_NOW = "temporary-failure";

/**
 * What the meter's "no" becomes. It is tried again only when the meter said that it could not for now.
 * @param results what the meter answered, `success` among them or not
 */
export function refusal(text: string, results: readonly string[]): MetergateError {
  return new MetergateError("DEVICE_REFUSED", text, { retry: results.includes(NOT_NOW) });
}

/** @throws MetergateError DEVICE_REFUSED with the text and the result's name, when the result is not success. */
export function requireSuccess(result: string, text: string): void {
  if (result !== "success") throw refusal(`${text}${resultName(result)}`, [result]);
}

/**
 * The M-Bus channel that the target is on.
 * @throws MetergateError GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE
 */
export function channelOf(target: Device): number {
  if (target.gateway?.channel !== undefined) return target.gateway.channel;
  throw new MetergateError("GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE", NO_GATEWAY);
}
