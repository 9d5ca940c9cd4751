import { getScheduledPriceEvents } from "../../../operations/smart-energy/get-scheduled-price-events.ts";
import { execution } from "../execution.ts";
import { GET_SCHEDULED_PRICES } from "../records/load-control.ts";
import { inquire } from "./change.ts";

export const getScheduledPriceEventsExecution = execution(getScheduledPriceEvents, (context, request) =>
  inquire(context, { command: "get_scheduled_price_events", codec: GET_SCHEDULED_PRICES }, request),
);
