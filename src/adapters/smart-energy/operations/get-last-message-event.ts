import { getLastMessageEvent } from "../../../operations/smart-energy/get-last-message-event.ts";
import { execution } from "../execution.ts";
import { inquire } from "./change.ts";

export const getLastMessageEventExecution = execution(getLastMessageEvent, (context, request) =>
  inquire(context, { command: "get_last_message_event" }, request),
);
