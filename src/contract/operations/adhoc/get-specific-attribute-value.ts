import { getSpecificAttributeValue } from "../../../operations/adhoc/get-specific-attribute-value.ts";
import type { smAdhoc as wire } from "../../generated/index.ts";
import { inRange, printable, toObis } from "../values.ts";
import { wireForm } from "../wire-form.ts";

/** Ranges are those of the meter's descriptor: class id long-unsigned, attribute id integer. */
function toSpecificAttributeValue({ ClassId, Attribute, ObisCode }: wire.GetSpecificAttributeValueRequestData) {
  return {
    classId: inRange("ClassId", ClassId, 0, 65_535),
    attribute: inRange("Attribute", Attribute, -128, 127),
    logicalName: toObis(ObisCode),
  };
}

export const getSpecificAttributeValueForm = wireForm(getSpecificAttributeValue, "sm-adhoc:GetSpecificAttributeValue", {
  request: toSpecificAttributeValue,
  response: ({ text }) => ({ Result: "OK", AttributeValueData: printable(text) }),
  bundle: {
    element: "GetSpecificAttributeValueRequest",
    request: toSpecificAttributeValue,
    answer: "GetSpecificAttributeValueResponse",
    response: ({ text }) => ({ Result: "OK", AttributeValueData: printable(text) }),
  },
});
