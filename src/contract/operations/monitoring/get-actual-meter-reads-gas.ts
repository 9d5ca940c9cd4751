import {
  type ActualMeterReadsGas,
  getActualMeterReadsGas,
} from "../../../operations/monitoring/get-actual-meter-reads-gas.ts";
import type { smMonitoring as wire } from "../../generated/index.ts";
import { fromMeterTime, fromReading } from "../readings.ts";
import { nothing, wireForm } from "../wire-form.ts";

function fromActualMeterReadsGas(result: ActualMeterReadsGas): wire.ActualMeterReadsGasResponse {
  return {
    LogTime: fromMeterTime(result.time),
    Consumption: fromReading(result.consumption),
    CaptureTime: fromMeterTime(result.captureTime),
  };
}

export const getActualMeterReadsGasForm = wireForm(getActualMeterReadsGas, "sm-monitoring:ActualMeterReadsGas", {
  request: nothing,
  response: fromActualMeterReadsGas,
  bundle: {
    element: "GetActualMeterReadsGasRequest",
    device: (data) => data.DeviceIdentification,
    request: nothing,
    answer: "ActualMeterReadsGasResponse",
    response: (result) => ({ Result: "OK", ...fromActualMeterReadsGas(result) }),
  },
});
