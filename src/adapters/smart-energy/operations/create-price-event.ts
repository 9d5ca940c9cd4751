import { createPriceEvent } from "../../../operations/smart-energy/create-price-event.ts";
import { execution } from "../execution.ts";
import { PUBLISH_PRICE } from "../records/prices.ts";
import { createOnce } from "./create-once.ts";

export const createPriceEventExecution = execution(createPriceEvent, (context, request) =>
  createOnce(
    context,
    { command: "create_price_event", codec: PUBLISH_PRICE, list: "get_price_events", id: "issuer_event_id" },
    request,
  ),
);
