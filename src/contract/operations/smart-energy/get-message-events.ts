import type { RequestOf } from "../../../operations/operation.ts";
import { getMessageEvents } from "../../../operations/smart-energy/get-message-events.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const getMessageEventsForm = wireForm(getMessageEvents, "smart-energy:GetMessageEvents", {
  request: (content) => askedFor<RequestOf<typeof getMessageEvents>>(content),
  response: answered,
});
