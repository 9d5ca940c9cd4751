import type { RequestOf } from "../../../operations/operation.ts";
import { getScheduledPriceEvents } from "../../../operations/smart-energy/get-scheduled-price-events.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const getScheduledPriceEventsForm = wireForm(getScheduledPriceEvents, "smart-energy:GetScheduledPriceEvents", {
  request: (content) => askedFor<RequestOf<typeof getScheduledPriceEvents>>(content),
  response: answered,
});
