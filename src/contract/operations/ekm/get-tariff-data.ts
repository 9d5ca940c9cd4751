import { getTariffData } from "../../../operations/ekm/get-tariff-data.ts";
import type { TariffEnergy } from "../../../operations/ekm.ts";
import { nothing, wireForm } from "../wire-form.ts";

function fromTariffEnergy({ totalKwh, tariffsKwh }: TariffEnergy) {
  const [first = "0", second = "0", third = "0", fourth = "0"] = tariffsKwh;
  return { Total: totalKwh, Tariff1: first, Tariff2: second, Tariff3: third, Tariff4: fourth };
}

export const getTariffDataForm = wireForm(getTariffData, "ekm-meter-settings:GetTariffData", {
  request: nothing,
  response: ({ months }) => ({
    Result: "OK",
    Month: months.map(({ monthsAgo, forward, reverse }) => ({
      MonthsAgo: monthsAgo,
      ...(forward && { Forward: fromTariffEnergy(forward) }),
      ...(reverse && { Reverse: fromTariffEnergy(reverse) }),
    })),
  }),
});
