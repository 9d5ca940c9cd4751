import type { RequestOf } from "../../../operations/operation.ts";
import { createMessageEvent } from "../../../operations/smart-energy/create-message-event.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const createMessageEventForm = wireForm(createMessageEvent, "smart-energy:CreateMessageEvent", {
  request: (content) => askedFor<RequestOf<typeof createMessageEvent>>(content),
  response: answered,
});
