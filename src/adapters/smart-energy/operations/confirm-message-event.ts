import { confirmMessageEvent } from "../../../operations/smart-energy/confirm-message-event.ts";
import { execution } from "../execution.ts";
import { MESSAGE_CONFIRMATION } from "../records/messages.ts";
import { change } from "./change.ts";

export const confirmMessageEventExecution = execution(confirmMessageEvent, (context, request) =>
  change(context, { command: "confirm_message_event", codec: MESSAGE_CONFIRMATION }, request),
);
