import { clearMessageEvents } from "../../../operations/smart-energy/clear-message-events.ts";
import { execution } from "../execution.ts";
import { change } from "./change.ts";

export const clearMessageEventsExecution = execution(clearMessageEvents, (context, request) =>
  change(context, { command: "clear_message_events" }, request),
);
