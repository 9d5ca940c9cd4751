import type { ConfigurationObject } from "../configuration-object.ts";
import { defineOperation, type Nothing } from "../operation.ts";

export const getConfigurationObject = defineOperation<Nothing, ConfigurationObject>({
  name: "GetConfigurationObject",
  group: "CONFIGURATION",
  effect: "reads",
  notification: "GET_CONFIGURATION_OBJECT",
  failure: "fault",
});
