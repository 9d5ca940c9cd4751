import type { RequestOf } from "../../../operations/operation.ts";
import { confirmMessageEvent } from "../../../operations/smart-energy/confirm-message-event.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const confirmMessageEventForm = wireForm(confirmMessageEvent, "smart-energy:ConfirmMessageEvent", {
  request: (content) => askedFor<RequestOf<typeof confirmMessageEvent>>(content),
  response: answered,
});
