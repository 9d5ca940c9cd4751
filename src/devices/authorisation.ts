import type { Authorisation, FunctionGroup } from "../domain/device.ts";
import type { RequestedOperation } from "../domain/request.ts";

/** Groups besides OWNER that cover an operation; the contract's mapping of device functions. */
const ALSO_COVERED_BY: { readonly [N in RequestedOperation]?: readonly FunctionGroup[] } = {
  GetFirmwareVersion: ["FIRMWARE"],
  UpdateFirmware: ["FIRMWARE"],
};

/** Whether one of the rights lets the organisation run the operation. */
export function isAuthorised(
  authorisations: readonly Authorisation[],
  organisation: string,
  operation: RequestedOperation,
): boolean {
  return authorisations.some(
    (right) =>
      right.organisation === organisation &&
      (right.functionGroup === "OWNER" || ALSO_COVERED_BY[operation]?.includes(right.functionGroup)),
  );
}
