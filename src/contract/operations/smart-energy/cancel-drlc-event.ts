import type { RequestOf } from "../../../operations/operation.ts";
import { cancelDrlcEvent } from "../../../operations/smart-energy/cancel-drlc-event.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const cancelDrlcEventForm = wireForm(cancelDrlcEvent, "smart-energy:CancelDrlcEvent", {
  request: (content) => askedFor<RequestOf<typeof cancelDrlcEvent>>(content),
  response: answered,
});
