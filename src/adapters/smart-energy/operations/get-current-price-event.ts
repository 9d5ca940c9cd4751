import { getCurrentPriceEvent } from "../../../operations/smart-energy/get-current-price-event.ts";
import { execution } from "../execution.ts";
import { inquire } from "./change.ts";

export const getCurrentPriceEventExecution = execution(getCurrentPriceEvent, (context, request) =>
  inquire(context, { command: "get_current_price_event" }, request),
);
