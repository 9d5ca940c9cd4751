import { cosem } from "../../../dlms/data.ts";
import { setThdConfiguration } from "../../../operations/configuration/set-thd-configuration.ts";
import { execution, missingObject, refusal, resultName } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";

export const setThdConfigurationExecution = execution(setThdConfiguration, {
  missing: (profile) => missingObject(profile, "THD_VALUE_THRESHOLD"),
  async run({ meter, profile }, request) {
    const results = await meter.setList(
      (
        [
          ["THD_VALUE_THRESHOLD", cosem.longUnsigned(request.valueThresholdPercent)],
          ["THD_VALUE_HYSTERESIS", cosem.longUnsigned(request.valueHysteresisPercent)],
          ["THD_MIN_DURATION_NORMAL_TO_OVER", cosem.doubleLongUnsigned(request.minDurationNormalToOverS)],
          ["THD_MIN_DURATION_OVER_TO_NORMAL", cosem.doubleLongUnsigned(request.minDurationOverToNormalS)],
          ["THD_TIME_THRESHOLD", cosem.doubleLongUnsigned(request.timeThresholdS)],
        ] as const
      ).map(([tag, value]) => ({ attribute: attributeOf(findObject(profile, tag), 2), value })),
    );
    if (results.some((result) => result !== "success")) {
      const names = results.map(resultName).join(", ");
      throw refusal(`THD configuration resulted in: [${names}]`, results);
    }
    return {};
  },
});
