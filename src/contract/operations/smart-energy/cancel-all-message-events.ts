import type { RequestOf } from "../../../operations/operation.ts";
import { cancelAllMessageEvents } from "../../../operations/smart-energy/cancel-all-message-events.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const cancelAllMessageEventsForm = wireForm(cancelAllMessageEvents, "smart-energy:CancelAllMessageEvents", {
  request: (content) => askedFor<RequestOf<typeof cancelAllMessageEvents>>(content),
  response: answered,
});
