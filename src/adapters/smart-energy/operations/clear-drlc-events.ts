import { clearDrlcEvents } from "../../../operations/smart-energy/clear-drlc-events.ts";
import { execution } from "../execution.ts";
import { change } from "./change.ts";

export const clearDrlcEventsExecution = execution(clearDrlcEvents, (context, request) =>
  change(context, { command: "clear_DRLC_events" }, request),
);
