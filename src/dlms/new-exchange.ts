import type { InvokeId } from "./apdu.ts";
import { type ClientExchange, type ExchangeLimits, LogicalNameExchange } from "./client-exchange.ts";
import { type Deliver, DeliveredGet } from "./delivered-get.ts";
import { SequentialExchange } from "./sequential-exchange.ts";
import type { ServiceRequest } from "./services.ts";
import { ShortNameExchange } from "./short-name-exchange.ts";

/**
 * The exchange for a request: one, or for a list of reads where the server takes no lists, one after the other.
 * @param nextInvoke gives the invoke-id of each exchange that has one
 * @param deliver takes the value of a GET of one attribute that comes in blocks
 */
export function newExchange(
  request: ServiceRequest,
  limits: ExchangeLimits,
  nextInvoke: () => InvokeId,
  deliver?: Deliver,
): ClientExchange {
  if (deliver && request.type === "get" && request.attributes.length === 1) {
    return new DeliveredGet(request.attributes[0]!, nextInvoke(), limits, deliver);
  }
  const single = (one: ServiceRequest): ClientExchange =>
    one.type === "read" || one.type === "write"
      ? new ShortNameExchange(one, limits)
      : new LogicalNameExchange(one, nextInvoke(), limits);
  if (!limits.granted || limits.granted.includes("multiple-references")) return single(request);
  const singles = readOneByOne(request);
  return singles.length > 1 ? new SequentialExchange(singles[0]!.type, singles.map(single)) : single(request);
}

/** The elements of a request to read as requests of their own; none for other requests. */
function readOneByOne(request: ServiceRequest) {
  if (request.type === "get") return request.attributes.map((one) => ({ type: "get", attributes: [one] }) as const);
  if (request.type === "read") return request.variables.map((one) => ({ type: "read", variables: [one] }) as const);
  return [];
}
