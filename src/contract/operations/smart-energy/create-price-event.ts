import type { RequestOf } from "../../../operations/operation.ts";
import { createPriceEvent } from "../../../operations/smart-energy/create-price-event.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const createPriceEventForm = wireForm(createPriceEvent, "smart-energy:CreatePriceEvent", {
  request: (content) => askedFor<RequestOf<typeof createPriceEvent>>(content),
  response: answered,
});
