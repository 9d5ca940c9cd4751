import { cosem } from "../../../dlms/data.ts";
import { setPushSetupUdp } from "../../../operations/configuration/set-push-setup-udp.ts";
import { execution, missingObject, requireSuccess } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";

/** No communication window: pushes may go out at any time. */
export const setPushSetupUdpExecution = execution(setPushSetupUdp, {
  missing: (profile) => missingObject(profile, "PUSH_SETUP_UDP"),
  async run({ meter, profile }) {
    const result = await meter.set(attributeOf(findObject(profile, "PUSH_SETUP_UDP"), 4), cosem.array([]));
    requireSuccess(result, "AccessResultCode for set push setup udp was not SUCCESS: ");
    return {};
  },
});
