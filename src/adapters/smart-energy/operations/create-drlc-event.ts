import { createDrlcEvent } from "../../../operations/smart-energy/create-drlc-event.ts";
import { execution } from "../execution.ts";
import { LOAD_CONTROL_EVENT } from "../records/load-control.ts";
import { createOnce } from "./create-once.ts";

export const createDrlcEventExecution = execution(createDrlcEvent, (context, request) =>
  createOnce(
    context,
    { command: "create_DRLC_event", codec: LOAD_CONTROL_EVENT, list: "get_DRLC_events", id: "issuer_event_id" },
    request,
  ),
);
