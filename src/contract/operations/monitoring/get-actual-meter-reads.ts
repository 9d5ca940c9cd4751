import { type ActualMeterReads, getActualMeterReads } from "../../../operations/monitoring/get-actual-meter-reads.ts";
import type { smMonitoring as wire } from "../../generated/index.ts";
import { fromMeterTime, fromReading } from "../readings.ts";
import { nothing, wireForm } from "../wire-form.ts";

function fromActualMeterReads({ time, energy }: ActualMeterReads): wire.ActualMeterReadsResponse {
  return {
    LogTime: fromMeterTime(time),
    ActiveEnergyImport: fromReading(energy.import),
    ActiveEnergyExport: fromReading(energy.export),
    ActiveEnergyImportTariffOne: fromReading(energy.importTariff1),
    ActiveEnergyImportTariffTwo: fromReading(energy.importTariff2),
    ActiveEnergyExportTariffOne: fromReading(energy.exportTariff1),
    ActiveEnergyExportTariffTwo: fromReading(energy.exportTariff2),
  };
}

export const getActualMeterReadsForm = wireForm(getActualMeterReads, "sm-monitoring:ActualMeterReads", {
  request: nothing,
  response: fromActualMeterReads,
  bundle: {
    element: "GetActualMeterReadsRequest",
    request: nothing,
    answer: "ActualMeterReadsResponse",
    response: (result) => ({ Result: "OK", ...fromActualMeterReads(result) }),
  },
});
