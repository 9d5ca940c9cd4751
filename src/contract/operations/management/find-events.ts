import type { MeterEvent } from "../../../operations/events.ts";
import { type EventQuery, findEvents } from "../../../operations/management/find-events.ts";
import type { smManagement as wire } from "../../generated/index.ts";
import { wireForm } from "../wire-form.ts";

function toQuery({ EventLogCategory, From, Until }: wire.FindEventsRequestData): EventQuery {
  return { log: EventLogCategory, fromMs: From.getTime(), untilMs: Until.getTime() };
}

function fromEvent({ timeMs, code, type, log, counter, details }: MeterEvent): wire.Event {
  return {
    timestamp: new Date(timeMs),
    eventCode: code,
    eventType: type as wire.EventType,
    EventLogCategory: log,
    eventCounter: counter,
    eventDetails: details,
  };
}

export const findEventsForm = wireForm(findEvents, "sm-management:FindEvents", {
  request: (r) => ({ queries: r.FindEventsRequestData.map(toQuery) }),
  response: ({ events }) => ({ Events: events.map(fromEvent) }),
  bundle: {
    element: "FindEventsRequest",
    request: (content) => ({ queries: [toQuery(content)] }),
    answer: "FindEventsResponse",
    response: ({ events }) => ({ Result: "OK", Events: events.map(fromEvent) }),
  },
});
