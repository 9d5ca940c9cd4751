import { asElements } from "../../../dlms/data.ts";
import { getOutages } from "../../../operations/management/get-outages.ts";
import { execution, missingObject } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { decodeOutages } from "../readings/outages.ts";

export const getOutagesExecution = execution(getOutages, {
  missing: (profile) => missingObject(profile, "POWER_FAILURE_EVENT_LOG"),
  async run({ meter, profile, device }) {
    const data = await meter.get(attributeOf(findObject(profile, "POWER_FAILURE_EVENT_LOG"), 2));
    // null-data is how some meters say that there are none.
    const entries = data.type === "null-data" ? [] : asElements(data, "buffer");
    const outages = decodeOutages(entries, device.timezone);
    return { outages: outages.map(({ end, durationSeconds }) => ({ endMs: end.epochMs, durationSeconds })) };
  },
});
