import { setPushSetupSms } from "../../../operations/configuration/set-push-setup-sms.ts";
import { execution, missingObject, requireSuccess } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { encodeSendDestination, TCP } from "./push-setup.ts";

export const setPushSetupSmsExecution = execution(setPushSetupSms, {
  missing: (profile) => missingObject(profile, "PUSH_SETUP_SMS"),
  async run({ meter, profile }, { destination }) {
    const value = encodeSendDestination(destination, TCP, profile.pushMessageType);
    const result = await meter.set(attributeOf(findObject(profile, "PUSH_SETUP_SMS"), 3), value);
    requireSuccess(result, "AccessResultCode for set push setup sms was not SUCCESS: ");
    return {};
  },
});
