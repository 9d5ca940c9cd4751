import { getMessageEvents } from "../../../operations/smart-energy/get-message-events.ts";
import { execution } from "../execution.ts";
import { DISPLAY_MESSAGE } from "../records/messages.ts";
import { list } from "./list.ts";

export const getMessageEventsExecution = execution(getMessageEvents, (context, { endpoint }) =>
  list(context, "get_message_events", DISPLAY_MESSAGE, endpoint),
);
