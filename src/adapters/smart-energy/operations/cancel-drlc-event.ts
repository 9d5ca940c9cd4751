import { cancelDrlcEvent } from "../../../operations/smart-energy/cancel-drlc-event.ts";
import { execution } from "../execution.ts";
import { CANCEL_LOAD_CONTROL_EVENT } from "../records/load-control.ts";
import { change } from "./change.ts";

export const cancelDrlcEventExecution = execution(cancelDrlcEvent, (context, request) =>
  change(context, { command: "cancel_DRLC_event", codec: CANCEL_LOAD_CONTROL_EVENT }, request),
);
