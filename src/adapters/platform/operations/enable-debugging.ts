import { enableDebugging } from "../../../operations/management/enable-debugging.ts";
import { execution } from "../execution.ts";

export const enableDebuggingExecution = execution(enableDebugging, async ({ records, target }) => {
  await records.change(target.identification, (device) => ({ ...device, debugging: true }));
  return {};
});
