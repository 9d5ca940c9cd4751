import { cosem } from "../../../dlms/data.ts";
import { setAdministrativeStatus } from "../../../operations/configuration/set-administrative-status.ts";
import { execution, requireSuccess } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { missingAdministrativeStatus, STATUSES } from "./administrative-status.ts";

export const setAdministrativeStatusExecution = execution(setAdministrativeStatus, {
  missing: missingAdministrativeStatus,
  async run({ meter, profile }, { status }) {
    const value = attributeOf(findObject(profile, "ADMINISTRATIVE_IN_OUT"), 2);
    const result = await meter.set(value, cosem.enum(STATUSES.indexOf(status)));
    requireSuccess(result, "AccessResultCode for set administrative status was not SUCCESS: ");
    return {};
  },
});
