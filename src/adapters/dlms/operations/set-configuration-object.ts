import { setConfigurationObject } from "../../../operations/configuration/set-configuration-object.ts";
import { execution } from "../execution.ts";
import { changeConfiguration, missingConfiguration } from "./configuration-object.ts";

export const setConfigurationObjectExecution = execution(setConfigurationObject, {
  missing: missingConfiguration,
  async run(context, request) {
    await changeConfiguration(context, request);
    return {};
  },
});
