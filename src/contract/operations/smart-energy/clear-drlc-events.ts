import type { RequestOf } from "../../../operations/operation.ts";
import { clearDrlcEvents } from "../../../operations/smart-energy/clear-drlc-events.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const clearDrlcEventsForm = wireForm(clearDrlcEvents, "smart-energy:ClearDrlcEvents", {
  request: (content) => askedFor<RequestOf<typeof clearDrlcEvents>>(content),
  response: answered,
});
