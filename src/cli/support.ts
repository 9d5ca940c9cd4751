import { FAMILIES } from "../families.ts";
import type { CommandContext } from "./context.ts";
import { formatTable } from "./table.ts";

/** `support`: prints which operations meters of which protocol offer, and which are refused with 416. */
export function support(context: CommandContext): void {
  for (const family of FAMILIES) {
    const { versions, rows } = family.support();
    const lines = rows.map(({ operation, supported }) => [operation, ...supported.map((yes) => (yes ? "yes" : "416"))]);
    context.print(formatTable([["operation", ...versions], ...lines]));
  }
  context.print("\n416: such meters do not offer the operation; the request is refused at once with this code");
}
