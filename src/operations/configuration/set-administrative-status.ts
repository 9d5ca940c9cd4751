import type { AdministrativeStatus } from "../administrative-status.ts";
import { defineOperation, type Nothing } from "../operation.ts";

export const setAdministrativeStatus = defineOperation<{ readonly status: AdministrativeStatus }, Nothing>({
  name: "SetAdministrativeStatus",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_ADMINISTRATIVE_STATUS",
  failure: "result",
});
