import type { Operation } from "../operation.ts";
import { formatDebugText } from "./debug-text.ts";

/** Reads any attribute, whether or not the profile knows the object. */
export const getSpecificAttributeValue: Operation<"GetSpecificAttributeValue"> = {
  missing: () => undefined,
  async run({ meter }, { classId, attribute, logicalName }) {
    return { text: formatDebugText(await meter.get({ classId, attribute, logicalName })) };
  },
};
