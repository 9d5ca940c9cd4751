import type { RequestOf } from "../../../operations/operation.ts";
import { createDrlcEvent } from "../../../operations/smart-energy/create-drlc-event.ts";
import { answered, askedFor } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const createDrlcEventForm = wireForm(createDrlcEvent, "smart-energy:CreateDrlcEvent", {
  request: (content) => askedFor<RequestOf<typeof createDrlcEvent>>(content),
  response: answered,
});
