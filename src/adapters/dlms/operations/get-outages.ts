import { getOutages } from "../../../operations/management/get-outages.ts";
import { execution, missingObject } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { decodeOutages } from "../readings/outages.ts";
import { entriesOf } from "./profile-buffer.ts";

export const getOutagesExecution = execution(getOutages, {
  missing: (profile) => missingObject(profile, "POWER_FAILURE_EVENT_LOG"),
  async run({ meter, profile, device }) {
    const data = await meter.get(attributeOf(findObject(profile, "POWER_FAILURE_EVENT_LOG"), 2));
    const outages = decodeOutages(entriesOf(data), device.timezone);
    return { outages: outages.map(({ end, durationSeconds }) => ({ endMs: end.epochMs, durationSeconds })) };
  },
});
