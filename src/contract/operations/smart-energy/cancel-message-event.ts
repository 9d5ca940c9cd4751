import type { RequestOf } from "../../../operations/operation.ts";
import { cancelMessageEvent } from "../../../operations/smart-energy/cancel-message-event.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const cancelMessageEventForm = wireForm(cancelMessageEvent, "smart-energy:CancelMessageEvent", {
  request: (content) => askedFor<RequestOf<typeof cancelMessageEvent>>(content),
  response: answered,
});
