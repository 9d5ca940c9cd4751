import type { AdministrativeStatus } from "../../../operations/administrative-status.ts";
import { missingObject } from "../execution.ts";
import type { Profile } from "../profiles/index.ts";

/** Positions are the values of the enum. */
export const STATUSES: readonly AdministrativeStatus[] = ["UNDEFINED", "OFF", "ON"];

export function missingAdministrativeStatus(profile: Profile): string | undefined {
  const text = missingObject(profile, "ADMINISTRATIVE_IN_OUT");
  return text && `No object found of type ADMINISTRATIVE_IN_OUT. ${text}`;
}
