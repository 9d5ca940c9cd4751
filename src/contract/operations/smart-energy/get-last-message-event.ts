import type { RequestOf } from "../../../operations/operation.ts";
import { getLastMessageEvent } from "../../../operations/smart-energy/get-last-message-event.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const getLastMessageEventForm = wireForm(getLastMessageEvent, "smart-energy:GetLastMessageEvent", {
  request: (content) => askedFor<RequestOf<typeof getLastMessageEvent>>(content),
  response: answered,
});
