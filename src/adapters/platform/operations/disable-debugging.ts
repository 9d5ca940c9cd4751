import { disableDebugging } from "../../../operations/management/disable-debugging.ts";
import { execution } from "../execution.ts";

export const disableDebuggingExecution = execution(disableDebugging, async ({ records, target }) => {
  await records.change(target.identification, (device) => ({ ...device, debugging: false }));
  return {};
});
