import type { Device } from "../../domain/device.ts";
import type { OperationName } from "../../domain/operations.ts";
import { OPERATIONS } from "./operations/index.ts";
import { findProfile, formatProtocol, PROFILES, type Profile } from "./profiles/index.ts";

/** Why meters of this profile do not offer an operation; undefined when they do. */
export function whyUnsupported(profile: Profile, operation: OperationName): string | undefined {
  const entry = OPERATIONS[operation];
  return entry ? entry.missing(profile) : `${operation} is not offered for DLMS meters`;
}

/** Whether a device offers an operation. */
export function isSupported(device: Pick<Device, "protocol" | "mbus">, operation: OperationName): boolean {
  if (device.mbus && !OPERATIONS[operation]?.forMbusDevices) return false;
  return whyUnsupported(findProfile(device.protocol), operation) === undefined;
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
    rows: (Object.keys(OPERATIONS) as OperationName[]).map((operation) => ({
      operation,
      supported: PROFILES.map((profile) => whyUnsupported(profile, operation) === undefined),
    })),
  };
}
