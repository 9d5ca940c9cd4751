import { updateSoftware } from "../../../operations/egauge/update-software.ts";
import { execution } from "../execution.ts";
import { install } from "../install.ts";
import { listVersions } from "../versions.ts";

export const updateSoftwareExecution = execution(updateSoftware, {
  async run(context, { action, ...update }) {
    return action === "list" ? listVersions(context, update) : { installed: await install(context, update) };
  },
});
