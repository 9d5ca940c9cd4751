import { getTariffData } from "../../../operations/ekm/get-tariff-data.ts";
import { decodeTariffMonths } from "../codec/tariff-tables.ts";
import { execution } from "../execution.ts";

export const getTariffDataExecution = execution(getTariffData, {
  run: async ({ meter }) => decodeTariffMonths(await meter.ask("GetTariffData")),
});
