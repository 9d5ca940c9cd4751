import { type ActualPowerQuality, actualPowerQuality } from "../../../operations/monitoring/actual-power-quality.ts";
import type { PowerQualityType } from "../../../operations/readings.ts";
import type { smMonitoring as wire } from "../../generated/index.ts";
import { fromTime, fromValue } from "../power-quality.ts";
import { toQuantity } from "../units.ts";
import { wireForm } from "../wire-form.ts";

/** The clock is the first of the objects. */
function fromActualPowerQuality({ time, values }: ActualPowerQuality): wire.ActualPowerQualityResponse {
  const quantities = values.map(({ name, unit, isCount, value }) => {
    const quantity = toQuantity(value ?? "0", unit);
    return { name, unit: quantity.unit, item: fromValue(value === null ? null : quantity.value, isCount) };
  });
  return {
    ActualPowerQualityData: {
      PowerQualityObjects: {
        PowerQualityObject: [
          { Name: "CLOCK", unit: "UNDEFINED" },
          ...quantities.map(({ name, unit }) => ({ Name: name, unit })),
        ],
      },
      PowerQualityValues: {
        PowerQualityValue: [{ item: fromTime(time) }, ...quantities.map(({ item }) => ({ item }))],
      },
    },
  };
}

const toRequest = ({ ProfileType }: wire.ActualPowerQualityRequestData) => ({
  profileType: ProfileType as PowerQualityType,
});

export const actualPowerQualityForm = wireForm(actualPowerQuality, "sm-monitoring:ActualPowerQuality", {
  request: toRequest,
  response: fromActualPowerQuality,
  bundle: {
    element: "GetActualPowerQualityRequest",
    request: toRequest,
    answer: "ActualPowerQualityResponse",
    response: (result) => ({ Result: "OK", ...fromActualPowerQuality(result) }),
  },
});
