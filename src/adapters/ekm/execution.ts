import { MetergateError } from "../../domain/errors.ts";
import type { MeterRecords, PlatformKeys } from "../../domain/family-ports.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import type { Operation } from "../../operations/operation.ts";
import type { Fitting } from "./codec/calendar.ts";
import type { EkmMeter, EkmVersion } from "./device.ts";
import type { MeterSession } from "./meter-session.ts";
import type { MeterPasswords } from "./passwords.ts";

/** What an operation has at hand. */
export interface OperationContext {
  readonly meter: MeterSession;
  readonly device: EkmMeter;
  readonly clock: Clock;
  readonly random: Random;
  readonly passwords: MeterPasswords;
  readonly platformKeys: Pick<PlatformKeys, "openSecret">;
  readonly records: MeterRecords;
  /** Names this action of its request, the same in every run. */
  readonly actionId: string;
}

/** How an operation is carried out on EKM meters. */
export interface Execution<Request extends object = object, Result extends object = object> {
  readonly operation: Operation<Request, Result>;
  /** Why meters of this version do not offer the operation, as told to the caller; undefined when they do. */
  missing(version: EkmVersion, request?: Request): string | undefined;
  /** It takes the command for seasons, which not every cloud may have. */
  readonly needsSeasonCommand?: true | undefined;
  /** @throws MetergateError DEVICE_REFUSED, OUTCOME_UNKNOWN; whatever says that the cloud was not reached */
  run(context: OperationContext, request: Request): Promise<Result>;
}

/** Says how an operation is carried out; meters of every version offer it unless something is `missing`. */
export function execution<Request extends object, Result extends object>(
  operation: Operation<Request, Result>,
  how: Pick<Execution<Request, Result>, "run"> &
    Partial<Pick<Execution<Request, Result>, "missing" | "needsSeasonCommand">>,
): Execution<Request, Result> {
  return { operation, missing: () => undefined, ...how };
}

/** For what v3 meters do not have. */
export function notInV3(what: string): (version: EkmVersion) => string | undefined {
  return (version) => (version === "v3" ? `EKM v3 meters have no ${what}` : undefined);
}

/** Why something does not fit into a meter; undefined when it does. */
export function whyUnfit(fit: Fitting<unknown>): string | undefined {
  return "why" in fit ? fit.why : undefined;
}

/** @throws MetergateError OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL when it does not fit */
export function fitting<T>(fit: Fitting<T>): T {
  if ("fits" in fit) return fit.fits;
  throw new MetergateError("OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", fit.why);
}
