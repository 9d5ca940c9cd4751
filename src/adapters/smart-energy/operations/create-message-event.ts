import { createMessageEvent } from "../../../operations/smart-energy/create-message-event.ts";
import { execution } from "../execution.ts";
import { DISPLAY_MESSAGE } from "../records/messages.ts";
import { createOnce } from "./create-once.ts";

export const createMessageEventExecution = execution(createMessageEvent, (context, request) =>
  createOnce(
    context,
    { command: "create_message_event", codec: DISPLAY_MESSAGE, list: "get_message_events", id: "message_id" },
    request,
  ),
);
