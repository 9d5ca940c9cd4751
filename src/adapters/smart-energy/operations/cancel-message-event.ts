import { cancelMessageEvent } from "../../../operations/smart-energy/cancel-message-event.ts";
import { execution } from "../execution.ts";
import { CANCEL_MESSAGE } from "../records/messages.ts";
import { change } from "./change.ts";

export const cancelMessageEventExecution = execution(cancelMessageEvent, (context, request) =>
  change(context, { command: "cancel_message_event", codec: CANCEL_MESSAGE }, request),
);
