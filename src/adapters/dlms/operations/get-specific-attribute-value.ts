import { getSpecificAttributeValue } from "../../../operations/adhoc/get-specific-attribute-value.ts";
import { execution } from "../execution.ts";
import { formatDebugText } from "./debug-text.ts";

/** Reads any attribute, whether or not the profile knows the object. */
export const getSpecificAttributeValueExecution = execution(getSpecificAttributeValue, {
  async run({ meter }, { classId, attribute, logicalName }) {
    return { text: formatDebugText(await meter.get({ classId, attribute, logicalName })) };
  },
});
