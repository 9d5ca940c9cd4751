import { clearPriceEvents } from "../../../operations/smart-energy/clear-price-events.ts";
import { execution } from "../execution.ts";
import { change } from "./change.ts";

export const clearPriceEventsExecution = execution(clearPriceEvents, (context, request) =>
  change(context, { command: "clear_price_events" }, request),
);
