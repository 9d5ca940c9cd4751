import { generateAndReplaceKeys } from "../../../operations/configuration/generate-and-replace-keys.ts";
import { change, nothing, wireForm } from "../wire-form.ts";

export const generateAndReplaceKeysForm = wireForm(generateAndReplaceKeys, "sm-configuration:GenerateAndReplaceKeys", {
  ...change,
  request: nothing,
  bundle: {
    element: "GenerateAndReplaceKeysRequest",
    request: nothing,
    success: (_result, device) => `Replace keys for device ${device} was successful`,
  },
});
