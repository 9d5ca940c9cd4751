import type { Device } from "../../domain/device.ts";
import type { OperationName } from "../../domain/request.ts";
import { findOperation } from "../../operations/registry.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations/index.ts";
import { findProfile, formatProtocol, PROFILES, type Profile } from "./profiles/index.ts";

/** How an operation is done on DLMS meters; undefined when it is not offered. */
export function findExecution(operation: OperationName): Operation<never> | undefined {
  const executions: Readonly<Record<string, Operation<never>>> = OPERATIONS;
  return Object.hasOwn(executions, operation) ? executions[operation] : undefined;
}

/** Why meters of this profile do not offer an operation; undefined when they do. */
export function whyUnsupported(profile: Profile, operation: OperationName): string | undefined {
  const entry = findExecution(operation);
  return entry ? entry.missing(profile) : `${operation} is not offered for DLMS meters`;
}

/**
 * Why an operation is refused for a device, before anything is asked of a meter; undefined when it is not.
 * @param target the device that the request names
 * @param device the meter to connect to: its version decides, also for an M-Bus device behind it
 * @throws MetergateError UNKNOWN_PROTOCOL_NAME_OR_VERSION_OR_VARIANT
 */
export function whyRefused(
  target: Pick<Device, "mbus" | "gateway">,
  device: Pick<Device, "protocol">,
  operation: OperationName,
): string | undefined {
  if (target.mbus && !findOperation(operation)?.addressedTo.includes("mbus-device"))
    return `${operation} is not offered for M-Bus devices`;
  // Without a gateway there is no version that decides; the operation tells what is missing.
  if (target.mbus && !target.gateway) return undefined;
  return whyUnsupported(findProfile(device.protocol), operation);
}

/** Which operations meters of which version offer. */
export interface SupportMatrix {
  /** `DSMR 2.2` and so on, oldest first. */
  readonly versions: readonly string[];
  readonly rows: readonly {
    readonly operation: OperationName;
    /** One for each version. */
    readonly supported: readonly boolean[];
  }[];
}

export function supportMatrix(): SupportMatrix {
  return {
    versions: PROFILES.map(({ protocol }) => formatProtocol(protocol)),
    rows: Object.keys(OPERATIONS).map((operation) => ({
      operation,
      supported: PROFILES.map((profile) => whyUnsupported(profile, operation) === undefined),
    })),
  };
}
