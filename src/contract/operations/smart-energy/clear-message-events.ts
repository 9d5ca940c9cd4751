import type { RequestOf } from "../../../operations/operation.ts";
import { clearMessageEvents } from "../../../operations/smart-energy/clear-message-events.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const clearMessageEventsForm = wireForm(clearMessageEvents, "smart-energy:ClearMessageEvents", {
  request: (content) => askedFor<RequestOf<typeof clearMessageEvents>>(content),
  response: answered,
});
