import type { Device } from "../../domain/device.ts";
import type { SupportMatrix } from "../../domain/family.ts";
import type { OperationName } from "../../domain/request.ts";
import { OPERATIONS } from "../../operations/index.ts";
import { mbusOf } from "../../operations/mbus.ts";
import type { Operation } from "../../operations/operation.ts";
import { whyNotAddressed } from "../run-actions.ts";
import { EXECUTIONS } from "./operations/index.ts";
import { findProfile, formatProtocol, PROFILES, type Profile } from "./profiles/index.ts";

/** Why meters of this profile do not offer an operation, or what is asked of it; undefined when they do. */
function whyUnsupported(profile: Profile, operation: OperationName, request?: object): string | undefined {
  const entry = EXECUTIONS.get(operation);
  return entry ? entry.missing(profile, request) : `${operation} is not offered for DLMS meters`;
}

/**
 * Why an operation is refused for a device, before anything is asked of a meter; undefined when it is not.
 * @param target the device that the request names
 * @param device the meter to connect to: its version decides, also for an M-Bus device behind it
 * @throws MetergateError UNKNOWN_PROTOCOL_NAME_OR_VERSION_OR_VARIANT
 */
export function whyRefused(
  target: Device,
  device: Pick<Device, "protocol">,
  operation: OperationName,
  request?: object,
): string | undefined {
  const entry = EXECUTIONS.get(operation);
  const notForIt = entry && whyNotAddressed(target, entry.operation);
  if (notForIt) return notForIt;
  // Without a gateway there is no version that decides; the operation tells what is missing.
  if (entry && mbusOf(target) && !target.gateway) return undefined;
  return whyUnsupported(findProfile(device.protocol), operation, request);
}

export function supportMatrix(): SupportMatrix {
  const operations: Operation[] = Object.values<Operation>(OPERATIONS).filter(
    ({ name, runsOn }) => runsOn === "platform" || EXECUTIONS.has(name),
  );
  return {
    versions: PROFILES.map(({ protocol }) => formatProtocol(protocol)),
    rows: operations.map(({ name, runsOn }) => ({
      operation: name,
      // What runs on the platform asks no meter, whatever its version is.
      supported: PROFILES.map((profile) => runsOn === "platform" || whyUnsupported(profile, name) === undefined),
    })),
  };
}
