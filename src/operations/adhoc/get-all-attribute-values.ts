import { defineOperation, type Nothing } from "../operation.ts";

export const getAllAttributeValues = defineOperation<Nothing, { readonly output: string }>({
  name: "GetAllAttributeValues",
  group: "AD_HOC",
  effect: "reads",
  notification: "GET_ALL_ATTRIBUTE_VALUES",
  failure: "result",
});
