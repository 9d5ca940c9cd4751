import { actualPowerQuality } from "../../../operations/monitoring/actual-power-quality.ts";
import { execution } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { actualPowerQuality as actualValues, phasesOf } from "../readings/power-quality.ts";
import { timeOf } from "../readings/reading.ts";
import { scaledText } from "../readings/scaler-unit.ts";
import { readMeanings } from "./measured-values.ts";

export const actualPowerQualityExecution = execution(actualPowerQuality, {
  async run({ meter, profile, device }, { profileType }) {
    const values = actualValues(profile, profileType, phasesOf(device));
    const clock = attributeOf(findObject(profile, "CLOCK"), 2);
    const [time, ...data] = await meter.getAll([clock, ...values]);
    const meanings = await readMeanings(meter, values);
    return {
      time: timeOf(time!, device.timezone, "its clock"),
      values: values.map(({ tag }, i) => {
        const { scaler, unit, isCount } = meanings[i]!;
        return { name: tag, unit, isCount, value: scaledText(data[i]!, scaler) ?? null };
      }),
    };
  },
});
