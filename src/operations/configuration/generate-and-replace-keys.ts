import { defineOperation, type Nothing } from "../operation.ts";

export const generateAndReplaceKeys = defineOperation<Nothing, Nothing>({
  name: "GenerateAndReplaceKeys",
  group: "OWNER",
  effect: "moves",
  notification: "GENERATE_AND_REPLACE_KEYS",
  failure: "result",
});
