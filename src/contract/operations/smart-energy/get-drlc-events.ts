import type { RequestOf } from "../../../operations/operation.ts";
import { getDrlcEvents } from "../../../operations/smart-energy/get-drlc-events.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const getDrlcEventsForm = wireForm(getDrlcEvents, "smart-energy:GetDrlcEvents", {
  request: (content) => askedFor<RequestOf<typeof getDrlcEvents>>(content),
  response: answered,
});
