import type { RequestOf } from "../../../operations/operation.ts";
import { cancelAllDrlcEvents } from "../../../operations/smart-energy/cancel-all-drlc-events.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const cancelAllDrlcEventsForm = wireForm(cancelAllDrlcEvents, "smart-energy:CancelAllDrlcEvents", {
  request: (content) => askedFor<RequestOf<typeof cancelAllDrlcEvents>>(content),
  response: answered,
});
