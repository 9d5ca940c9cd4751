import { getDrlcEvents } from "../../../operations/smart-energy/get-drlc-events.ts";
import { execution } from "../execution.ts";
import { LOAD_CONTROL_EVENT } from "../records/load-control.ts";
import { list } from "./list.ts";

export const getDrlcEventsExecution = execution(getDrlcEvents, (context, { endpoint }) =>
  list(context, "get_DRLC_events", LOAD_CONTROL_EVENT, endpoint),
);
