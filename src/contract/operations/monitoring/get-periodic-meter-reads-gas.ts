import {
  getPeriodicMeterReadsGas,
  type PeriodicMeterReadsGas,
} from "../../../operations/monitoring/get-periodic-meter-reads-gas.ts";
import type { smMonitoring as wire } from "../../generated/index.ts";
import { fromMeterTime, fromStatus, toPeriodicReads } from "../readings.ts";
import { toMeterValue } from "../units.ts";
import { wireForm } from "../wire-form.ts";

/** A read whose value the schema has no room for is left out. */
function fromPeriodicMeterReadsGas({
  periodType,
  unit,
  reads,
}: PeriodicMeterReadsGas): wire.PeriodicMeterReadsGasResponse {
  return {
    PeriodType: periodType,
    PeriodicMeterReadsGas: reads.flatMap(({ time, status, value, captureTime }) => {
      const consumption = toMeterValue(value, unit);
      if (!consumption) return [];
      const times = { LogTime: fromMeterTime(time), CaptureTime: fromMeterTime(captureTime) };
      return [{ ...times, Consumption: consumption, ...fromStatus(status) }];
    }),
  };
}

export const getPeriodicMeterReadsGasForm = wireForm(getPeriodicMeterReadsGas, "sm-monitoring:PeriodicMeterReadsGas", {
  request: ({ PeriodicReadsRequestData }) => toPeriodicReads(PeriodicReadsRequestData),
  response: fromPeriodicMeterReadsGas,
  bundle: {
    element: "GetPeriodicMeterReadsGasRequest",
    device: (data) => data.DeviceIdentification,
    request: toPeriodicReads,
    answer: "PeriodicMeterReadsGasResponse",
    response: (result) => ({ Result: "OK", ...fromPeriodicMeterReadsGas(result) }),
  },
});
