import { MetergateError } from "../../../domain/errors.ts";
import { getAdministrativeStatus } from "../../../operations/configuration/get-administrative-status.ts";
import { execution } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { missingAdministrativeStatus, STATUSES } from "./administrative-status.ts";

export const getAdministrativeStatusExecution = execution(getAdministrativeStatus, {
  missing: missingAdministrativeStatus,
  async run({ meter, profile }) {
    const data = await meter.get(attributeOf(findObject(profile, "ADMINISTRATIVE_IN_OUT"), 2));
    const status = "value" in data && typeof data.value === "number" ? STATUSES[data.value] : undefined;
    if (!status) throw new MetergateError("DEVICE_REFUSED", "Received unexpected result data.");
    return { status };
  },
});
