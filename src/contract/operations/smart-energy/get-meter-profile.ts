import type { RequestOf } from "../../../operations/operation.ts";
import { getMeterProfile } from "../../../operations/smart-energy/get-meter-profile.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const getMeterProfileForm = wireForm(getMeterProfile, "smart-energy:GetMeterProfile", {
  request: (content) => askedFor<RequestOf<typeof getMeterProfile>>(content),
  response: answered,
});
