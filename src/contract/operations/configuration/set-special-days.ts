import { toHex } from "../../../lib/bytes.ts";
import { setSpecialDays } from "../../../operations/configuration/set-special-days.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { change, wireForm } from "../wire-form.ts";

function toSpecialDays({ SpecialDays }: wire.SpecialDaysRequestData) {
  return { specialDays: SpecialDays.map(({ specialDayDate, dayId }) => ({ date: toHex(specialDayDate), dayId })) };
}

export const setSpecialDaysForm = wireForm(setSpecialDays, "sm-configuration:SetSpecialDays", {
  ...change,
  request: (r) => toSpecialDays(r.SpecialDaysRequestData),
  bundle: { element: "SetSpecialDaysRequest", request: toSpecialDays, success: "Set special days was successful" },
});
