import { getPriceEvents } from "../../../operations/smart-energy/get-price-events.ts";
import { execution } from "../execution.ts";
import { PUBLISH_PRICE } from "../records/prices.ts";
import { list } from "./list.ts";

export const getPriceEventsExecution = execution(getPriceEvents, (context, { endpoint }) =>
  list(context, "get_price_events", PUBLISH_PRICE, endpoint),
);
