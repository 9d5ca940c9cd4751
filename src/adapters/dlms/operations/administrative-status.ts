import { cosem } from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import type { AdministrativeStatus } from "../../../operations/administrative-status.ts";
import { missingObject, type Operation, requireSuccess } from "../operation.ts";
import { attributeOf, findObject, type Profile } from "../profiles/index.ts";

/** Positions are the values of the enum. */
const STATUSES: readonly AdministrativeStatus[] = ["UNDEFINED", "OFF", "ON"];

function missing(profile: Profile): string | undefined {
  const text = missingObject(profile, "ADMINISTRATIVE_IN_OUT");
  return text && `No object found of type ADMINISTRATIVE_IN_OUT. ${text}`;
}

export const getAdministrativeStatus: Operation<"GetAdministrativeStatus"> = {
  missing,
  async run({ meter, profile }) {
    const data = await meter.get(attributeOf(findObject(profile, "ADMINISTRATIVE_IN_OUT"), 2));
    const status = "value" in data && typeof data.value === "number" ? STATUSES[data.value] : undefined;
    if (!status) throw new MetergateError("DEVICE_REFUSED", "Received unexpected result data.");
    return { status };
  },
};

export const setAdministrativeStatus: Operation<"SetAdministrativeStatus"> = {
  missing,
  async run({ meter, profile }, { status }) {
    const value = attributeOf(findObject(profile, "ADMINISTRATIVE_IN_OUT"), 2);
    const result = await meter.set(value, cosem.enum(STATUSES.indexOf(status)));
    requireSuccess(result, "AccessResultCode for set administrative status was not SUCCESS: ");
    return {};
  },
};
