import { getAllAttributeValues } from "../../../operations/adhoc/get-all-attribute-values.ts";
import { printable } from "../values.ts";
import { nothing, wireForm } from "../wire-form.ts";

export const getAllAttributeValuesForm = wireForm(getAllAttributeValues, "sm-adhoc:GetAllAttributeValues", {
  request: nothing,
  response: ({ output }) => ({ Result: "OK", Output: printable(output) }),
  // There is no Description; Output must be there and has no other use when nothing was read.
  errorResponse: ({ message }) => ({ Result: "NOT OK", Output: printable(message) }),
  bundle: {
    element: "GetAllAttributeValuesRequest",
    request: nothing,
    answer: "GetAllAttributeValuesResponse",
    response: ({ output }) => ({ Result: "OK", AttributeValuesData: printable(output) }),
  },
});
