import { setPushSetupLastGasp } from "../../../operations/configuration/set-push-setup-last-gasp.ts";
import { execution, missingObject, requireSuccess } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { encodeSendDestination, UDP, XDLMS } from "./push-setup.ts";

export const setPushSetupLastGaspExecution = execution(setPushSetupLastGasp, {
  missing: (profile) => missingObject(profile, "PUSH_SETUP_UDP"),
  async run({ meter, profile }, { destination }) {
    const value = encodeSendDestination(destination, UDP, XDLMS);
    const result = await meter.set(attributeOf(findObject(profile, "PUSH_SETUP_UDP"), 3), value);
    requireSuccess(result, "AccessResultCode for set push setup last gasp was not SUCCESS: ");
    return {};
  },
});
