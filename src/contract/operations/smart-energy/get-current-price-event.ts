import type { RequestOf } from "../../../operations/operation.ts";
import { getCurrentPriceEvent } from "../../../operations/smart-energy/get-current-price-event.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const getCurrentPriceEventForm = wireForm(getCurrentPriceEvent, "smart-energy:GetCurrentPriceEvent", {
  request: (content) => askedFor<RequestOf<typeof getCurrentPriceEvent>>(content),
  response: answered,
});
