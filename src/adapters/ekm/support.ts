import type { Device } from "../../domain/device.ts";
import { MetergateError } from "../../domain/errors.ts";
import type { SupportMatrix } from "../../domain/family.ts";
import type { OperationName } from "../../domain/request.ts";
import { OPERATIONS } from "../../operations/index.ts";
import type { Operation } from "../../operations/operation.ts";
import { EKM_VERSIONS, type EkmVersion, isMeter } from "./device.ts";
import { EXECUTIONS } from "./operations/index.ts";

/** @throws MetergateError UNKNOWN_PROTOCOL_NAME_OR_VERSION_OR_VARIANT */
export function versionOf({ protocol: { name, version } }: Pick<Device, "protocol">): EkmVersion {
  const known = EKM_VERSIONS.find((each) => each === version);
  if (known) return known;
  throw new MetergateError("UNKNOWN_PROTOCOL_NAME_OR_VERSION_OR_VARIANT", `There is no ${name} ${version}`);
}

/** Why meters of this version do not offer an operation, or what is asked of it; undefined when they do. */
function whyUnsupported(version: EkmVersion, operation: OperationName, request?: object): string | undefined {
  const entry = EXECUTIONS.get(operation);
  return entry ? entry.missing(version, request) : `${operation} is not offered for EKM meters`;
}

/** The same for a device, and a cloud that has a command for seasons or not. */
export function whyRefused(
  target: Device,
  operation: OperationName,
  request: object | undefined,
  hasSeasonCommand: boolean,
): string | undefined {
  if (EXECUTIONS.get(operation)?.needsSeasonCommand && !hasSeasonCommand) {
    return `${operation} needs the command for seasons: METERGATE_EKM_SEASON_COMMAND says that the cloud has none`;
  }
  if (!isMeter(target)) return `${operation} is not offered for Push3 gateways: it names the meter behind one`;
  return whyUnsupported(versionOf(target), operation, request);
}

export function supportMatrix(): SupportMatrix {
  const operations: Operation[] = Object.values<Operation>(OPERATIONS).filter(
    ({ name, runsOn }) => runsOn === "platform" || EXECUTIONS.has(name),
  );
  return {
    versions: EKM_VERSIONS.map((version) => `EKM ${version}`),
    rows: operations.map(({ name, runsOn }) => ({
      operation: name,
      // What runs on the platform asks no meter, whatever its version is.
      supported: EKM_VERSIONS.map((version) => runsOn === "platform" || whyUnsupported(version, name) === undefined),
    })),
  };
}
