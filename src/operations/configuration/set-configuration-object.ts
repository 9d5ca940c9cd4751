import type { ConfigurationObject } from "../configuration-object.ts";
import { defineOperation, type Nothing } from "../operation.ts";

/** Changes what is named; the rest keeps the meter's value. */
export const setConfigurationObject = defineOperation<ConfigurationObject, Nothing>({
  name: "SetConfigurationObject",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_CONFIGURATION_OBJECT",
  failure: "result",
});
