import { getConfigurationObject } from "../../../operations/configuration/get-configuration-object.ts";
import { execution } from "../execution.ts";
import {
  layoutOf,
  missingConfiguration,
  readConfiguration,
  recordSecurity,
  toConfigurationObject,
} from "./configuration-object.ts";

export const getConfigurationObjectExecution = execution(getConfigurationObject, {
  missing: missingConfiguration,
  async run(context) {
    const configuration = toConfigurationObject(layoutOf(context.profile), await readConfiguration(context));
    await recordSecurity(context, configuration);
    return configuration;
  },
});
