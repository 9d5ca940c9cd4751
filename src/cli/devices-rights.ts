import { unknownOrganisation } from "../devices/organisations.ts";
import type { FunctionGroup } from "../domain/device.ts";
import { MetergateError } from "../domain/errors.ts";
import type { CommandContext } from "./context.ts";
import { withStore } from "./data.ts";
import { commandEvidence } from "./operator.ts";

/**
 * `devices grant DEVICE ORGANISATION GROUP` and `devices revoke`. A running service sees it within a second, and looks
 * again when what waits is about to run.
 * @throws MetergateError UNKNOWN_DEVICE, UNKNOWN_ORGANISATION
 */
export async function devicesRight(
  context: CommandContext,
  deed: "grant" | "revoke",
  device: string,
  organisation: string,
  functionGroup: FunctionGroup,
): Promise<void> {
  const evidence = commandEvidence(`devices ${deed}`, { organisation, functionGroup }, device);
  const changed = await withStore(context.config(), async ({ devices, organisations }) => {
    if (!(await devices.find(device))) throw new MetergateError("UNKNOWN_DEVICE", `there is no device ${device}`);
    if (!(await organisations.find(organisation))) throw unknownOrganisation(organisation);
    return organisations[deed]({ device, organisation, functionGroup }, evidence);
  });
  const now = deed === "grant" ? "has" : "has no longer";
  const unchanged = deed === "grant" ? "had already" : "did not have";
  context.print(`${organisation} ${changed ? now : unchanged} ${functionGroup} on ${device}`);
}
