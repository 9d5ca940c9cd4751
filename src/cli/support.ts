import { supportMatrix } from "../adapters/dlms/support.ts";
import type { CommandContext } from "./context.ts";
import { formatTable } from "./table.ts";

/** `support`: prints which operations meters of which protocol offer; the others are refused with 416. */
export function support(context: CommandContext): void {
  const { versions, rows } = supportMatrix();
  const lines = rows.map(({ operation, supported }) => [operation, ...supported.map((yes) => (yes ? "yes" : "-"))]);
  context.print(formatTable([["operation", ...versions], ...lines]));
}
