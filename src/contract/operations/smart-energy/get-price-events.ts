import type { RequestOf } from "../../../operations/operation.ts";
import { getPriceEvents } from "../../../operations/smart-energy/get-price-events.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const getPriceEventsForm = wireForm(getPriceEvents, "smart-energy:GetPriceEvents", {
  request: (content) => askedFor<RequestOf<typeof getPriceEvents>>(content),
  response: answered,
});
