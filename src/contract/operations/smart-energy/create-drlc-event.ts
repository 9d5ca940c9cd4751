import { createDrlcEvent } from "../../../operations/smart-energy/create-drlc-event.ts";
import type { LoadControlEvent } from "../../../operations/smart-energy.ts";
import { fromElements, toElements } from "../plain-records.ts";
import { wireForm } from "../wire-form.ts";

export const createDrlcEventForm = wireForm(createDrlcEvent, "smart-energy:CreateDrlcEvent", {
  request: ({ Endpoint, Record }) => ({ endpoint: Endpoint, record: fromElements<LoadControlEvent>(Record) }),
  response: (result) => ({ Result: "OK", ...toElements(result) }),
});
