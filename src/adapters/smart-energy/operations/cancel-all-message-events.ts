import { cancelAllMessageEvents } from "../../../operations/smart-energy/cancel-all-message-events.ts";
import { execution } from "../execution.ts";
import { change } from "./change.ts";

export const cancelAllMessageEventsExecution = execution(cancelAllMessageEvents, (context, request) =>
  change(context, { command: "cancel_all_message_events" }, request),
);
