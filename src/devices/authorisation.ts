import type { Authorisation, FunctionGroup } from "../domain/device.ts";

/** Whether who was granted one function group has another by it. */
function covers(granted: FunctionGroup, needed: FunctionGroup): boolean {
  return granted === needed || (granted === "OWNER" && needed !== "DANGEROUS_COMMANDS");
}

/** Whether an organisation has each of the function groups on a device; when none is needed, whether it has any. */
export function isAuthorised(
  authorisations: readonly Authorisation[],
  organisation: string,
  needed: readonly FunctionGroup[],
): boolean {
  const granted = authorisations.filter((right) => right.organisation === organisation);
  if (granted.length === 0) return false;
  return needed.every((group) => granted.some(({ functionGroup }) => covers(functionGroup, group)));
}
