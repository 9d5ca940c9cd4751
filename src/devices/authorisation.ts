import type { Authorisation } from "../domain/device.ts";
import type { RequestedOperation } from "../domain/request.ts";
import { groupsCovering } from "../operations/registry.ts";

/** Whether one of the rights lets the organisation run the operation. */
export function isAuthorised(
  authorisations: readonly Authorisation[],
  organisation: string,
  operation: RequestedOperation,
): boolean {
  const covering = ["OWNER", ...groupsCovering(operation)];
  return authorisations.some((right) => right.organisation === organisation && covering.includes(right.functionGroup));
}
