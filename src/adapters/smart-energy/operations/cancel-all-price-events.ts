import { cancelAllPriceEvents } from "../../../operations/smart-energy/cancel-all-price-events.ts";
import { execution } from "../execution.ts";
import { change } from "./change.ts";

export const cancelAllPriceEventsExecution = execution(cancelAllPriceEvents, (context, request) =>
  change(context, { command: "cancel_all_price_events" }, request),
);
