import type { MeterRecords, PlatformKeys, SecretVault } from "../../domain/family-ports.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import type { Operation } from "../../operations/operation.ts";
import type { EgaugeDevice } from "./device.ts";
import type { MeterSession } from "./session.ts";

/** What an operation has at hand. */
export interface OperationContext {
  readonly meter: MeterSession;
  readonly device: EgaugeDevice;
  readonly clock: Clock;
  readonly random: Random;
  readonly vault: Omit<SecretVault, "hasNew">;
  readonly platformKeys: PlatformKeys;
  readonly records: MeterRecords;
  readonly correlationUid: string;
  /** Names this action of its request, the same in every run. */
  readonly actionId: string;
  /** Milliseconds between the first looks at something that takes its time. */
  readonly pollMs: number;
  /** Aborted when the run is to end. */
  readonly signal: AbortSignal;
  /** See `AdapterRun`; of this action. */
  note(note: object): Promise<void>;
  noted(): Promise<object | undefined>;
  notedBy(correlationUid: string): Promise<object | undefined>;
  /** Tells how far a long operation has come, for operators. */
  progress(done: number, total: number): void;
}

/** How an operation is carried out on eGauge meters. */
export interface Execution<Request extends object = object, Result extends object = object> {
  readonly operation: Operation<Request, Result>;
  /** Why a meter does not offer the operation, or what is asked of it; undefined when it does. */
  missing(device: EgaugeDevice, request?: Request): string | undefined;
  /** @throws MetergateError when the outcome is a "no"; what the session throws when the connection broke; Snooze */
  run(context: OperationContext, request: Request): Promise<Result>;
}

/** Says how an operation is carried out; every meter offers it unless something is `missing`. */
export function execution<Request extends object, Result extends object>(
  operation: Operation<Request, Result>,
  how: Pick<Execution<Request, Result>, "run"> & Partial<Pick<Execution<Request, Result>, "missing">>,
): Execution<Request, Result> {
  return { operation, missing: () => undefined, ...how };
}
