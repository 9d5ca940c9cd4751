import type { TariffTables } from "../ekm.ts";
import { defineOperation, type Nothing } from "../operation.ts";

/** Reads the tables that say which tariff counts. */
export const getSchedules = defineOperation<Nothing, TariffTables>({
  name: "GetSchedules",
  group: "TARIFF_SCHEDULING",
  effect: "reads",
  notification: "GET_SCHEDULES",
  failure: "fault",
});
