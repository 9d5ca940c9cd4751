import { getSchedules } from "../../../operations/ekm/get-schedules.ts";
import { decodeTariffTables } from "../codec/tariff-tables.ts";
import { execution } from "../execution.ts";

export const getSchedulesExecution = execution(getSchedules, {
  run: async ({ meter }) => decodeTariffTables(await meter.ask("GetSchedules")),
});
