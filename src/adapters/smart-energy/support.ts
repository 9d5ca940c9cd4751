import type { Device } from "../../domain/device.ts";
import type { SupportMatrix } from "../../domain/family.ts";
import type { OperationName } from "../../domain/request.ts";
import { OPERATIONS } from "../../operations/index.ts";
import type { Operation } from "../../operations/operation.ts";
import { RELEASES } from "../../smart-energy/commands.ts";
import { isGateway, releaseOf } from "./device.ts";
import { EXECUTIONS } from "./operations/index.ts";

/** What devices of the family speak. */
export const PROTOCOL = "DIGI-SE";

/** Why an operation is refused for a device, before anything is sent; undefined when it is not. */
export function whyRefused(
  target: Device,
  device: Device,
  operation: OperationName,
  request?: object,
): string | undefined {
  const entry = EXECUTIONS.get(operation);
  if (!entry) return `${operation} is not offered for Smart Energy devices`;
  const { addressedTo } = entry.operation;
  const isNode = !isGateway(target);
  const isForGateways = entry.only === "gateway" || !addressedTo.includes("meter");
  if (isNode && isForGateways) return `${operation} is asked of the gateway, not of what is behind it`;
  if (!isNode && entry.only === "meter") return `${operation} is asked of a meter behind the gateway`;
  return entry.missing(releaseOf(device), request);
}

export function supportMatrix(): SupportMatrix {
  const operations: Operation[] = Object.values<Operation>(OPERATIONS).filter(
    ({ name, runsOn }) => runsOn === "platform" || EXECUTIONS.has(name),
  );
  return {
    versions: RELEASES.map((release) => `${PROTOCOL} ${release}`),
    rows: operations.map(({ name, runsOn }) => ({
      operation: name,
      supported: RELEASES.map(
        (release) => runsOn === "platform" || EXECUTIONS.get(name)?.missing(release) === undefined,
      ),
    })),
  };
}
