import { cancelAllDrlcEvents } from "../../../operations/smart-energy/cancel-all-drlc-events.ts";
import { execution } from "../execution.ts";
import { CANCEL_ALL_LOAD_CONTROL_EVENTS } from "../records/load-control.ts";
import { change } from "./change.ts";

// A gateway wants the record, even when it says nothing.
export const cancelAllDrlcEventsExecution = execution(cancelAllDrlcEvents, (context, { endpoint, record }) =>
  change(
    context,
    { command: "cancel_all_DRLC_events", codec: CANCEL_ALL_LOAD_CONTROL_EVENTS },
    { endpoint, record: record ?? { rawField: [] } },
  ),
);
