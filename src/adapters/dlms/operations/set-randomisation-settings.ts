import { type CosemData, cosem } from "../../../dlms/data.ts";
import { setRandomisationSettings } from "../../../operations/configuration/set-randomisation-settings.ts";
import type { OperationRequest } from "../../../operations/registry.ts";
import { execution, missingObject, requireSuccess } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { changeConfiguration } from "./configuration-object.ts";

export function encodeRandomisationSettings(request: OperationRequest<"SetRandomisationSettings">): CosemData {
  return cosem.structure([
    cosem.doubleLongUnsigned(request.randomisationStartWindow),
    cosem.longUnsigned(request.multiplicationFactor),
    cosem.longUnsigned(request.numberOfRetries),
  ]);
}

/** A meter that attaches at power on without delay has no use for the settings; they are left as they are then. */
export const setRandomisationSettingsExecution = execution(setRandomisationSettings, {
  missing: (profile) => missingObject(profile, "RANDOMISATION_SETTINGS"),
  async run(context, request) {
    await changeConfiguration(context, {
      flags: [{ flag: "DIRECT_ATTACH_AT_POWER_ON", enabled: request.directAttach }],
    });
    if (request.directAttach) return {};
    const settings = attributeOf(findObject(context.profile, "RANDOMISATION_SETTINGS"), 2);
    const result = await context.meter.set(settings, encodeRandomisationSettings(request));
    const text =
      "Attribute 'Randomisation Settings' of the Randomisation Settings was not set successfully. ResultCode: ";
    requireSuccess(result, text);
    return {};
  },
});
