import type { RequestOf } from "../../../operations/operation.ts";
import { clearPriceEvents } from "../../../operations/smart-energy/clear-price-events.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const clearPriceEventsForm = wireForm(clearPriceEvents, "smart-energy:ClearPriceEvents", {
  request: (content) => askedFor<RequestOf<typeof clearPriceEvents>>(content),
  response: answered,
});
