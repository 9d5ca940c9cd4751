import type { AdministrativeStatus } from "../administrative-status.ts";
import { defineOperation, type Nothing } from "../operation.ts";

export const getAdministrativeStatus = defineOperation<Nothing, { readonly status: AdministrativeStatus }>({
  name: "GetAdministrativeStatus",
  group: "CONFIGURATION",
  effect: "reads",
  notification: "GET_ADMINISTRATIVE_STATUS",
  failure: "fault",
});
