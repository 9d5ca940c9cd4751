import type { RequestOf } from "../../../operations/operation.ts";
import { cancelAllPriceEvents } from "../../../operations/smart-energy/cancel-all-price-events.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const cancelAllPriceEventsForm = wireForm(cancelAllPriceEvents, "smart-energy:CancelAllPriceEvents", {
  request: (content) => askedFor<RequestOf<typeof cancelAllPriceEvents>>(content),
  response: answered,
});
