import { MetergateError } from "../../../domain/errors.ts";
import { getConfigurationObject } from "../../../operations/configuration/get-configuration-object.ts";
import type { ConfigurationObject } from "../../../operations/configuration-object.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { nothing, wireForm } from "../wire-form.ts";

/** The schema's maxOccurs of ConfigurationFlag. */
const MOST_FLAGS = 10;

/**
 * A configuration object as the schema has it. SMR 4.3 meters have eleven flags where the schema allows ten: flags
 * that are off are left out then, the highest bit first, because an absent flag says less than a wrong one.
 * @throws MetergateError INTERNAL when more than ten flags are on, naming them.
 */
export function fromConfigurationObject({ gprsOperationMode, flags }: ConfigurationObject): wire.ConfigurationObject {
  const kept = [...flags];
  while (kept.length > MOST_FLAGS) {
    const off = kept.findLastIndex(({ enabled }) => !enabled);
    if (off < 0) {
      const names = kept.map(({ flag }) => flag).join(", ");
      throw new MetergateError(
        "INTERNAL",
        `The response has room for ${MOST_FLAGS} flags and the meter has on: ${names}`,
      );
    }
    kept.splice(off, 1);
  }
  return {
    ...(gprsOperationMode && { GprsOperationMode: gprsOperationMode }),
    ...(kept.length > 0 && {
      ConfigurationFlags: {
        ConfigurationFlag: kept.map(({ flag, enabled }) => ({ ConfigurationFlagType: flag, Enabled: enabled })),
      },
    }),
  };
}

export const getConfigurationObjectForm = wireForm(getConfigurationObject, "sm-configuration:GetConfigurationObject", {
  request: nothing,
  response: (result) => ({ Result: "OK", ConfigurationObject: fromConfigurationObject(result) }),
  bundle: {
    element: "GetConfigurationObjectRequest",
    request: nothing,
    answer: "GetConfigurationObjectResponse",
    response: (result) => ({ Result: "OK", ConfigurationObject: fromConfigurationObject(result) }),
  },
});
