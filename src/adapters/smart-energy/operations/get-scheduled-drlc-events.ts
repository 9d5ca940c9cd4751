import { getScheduledDrlcEvents } from "../../../operations/smart-energy/get-scheduled-drlc-events.ts";
import { execution } from "../execution.ts";
import { GET_SCHEDULED_EVENTS } from "../records/load-control.ts";
import { inquire } from "./change.ts";

export const getScheduledDrlcEventsExecution = execution(getScheduledDrlcEvents, (context, request) =>
  inquire(context, { command: "get_scheduled_DRLC_events", codec: GET_SCHEDULED_EVENTS }, request),
);
