import type { RequestOf } from "../../../operations/operation.ts";
import { getScheduledDrlcEvents } from "../../../operations/smart-energy/get-scheduled-drlc-events.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const getScheduledDrlcEventsForm = wireForm(getScheduledDrlcEvents, "smart-energy:GetScheduledDrlcEvents", {
  request: (content) => askedFor<RequestOf<typeof getScheduledDrlcEvents>>(content),
  response: answered,
});
