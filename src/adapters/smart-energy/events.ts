import { MetergateError } from "../../domain/errors.ts";
import type { GatewayEventContent } from "../../operations/smart-energy/find-gateway-events.ts";
import { EVENTS, eventNamed, type GatewayEvent } from "../../smart-energy/commands.ts";
import { childText, type RpcElement } from "../../smart-energy/element.ts";
import { parseMac } from "../../smart-energy/values.ts";
import { numberIn, readRecordOf, recordsIn } from "./operations/replies.ts";
import {
  CANCEL_ALL_LOAD_CONTROL_EVENTS,
  CANCEL_LOAD_CONTROL_EVENT,
  LOAD_CONTROL_EVENT,
  REPORT_EVENT_STATUS,
} from "./records/load-control.ts";
import { CANCEL_MESSAGE, DISPLAY_MESSAGE, MESSAGE_CONFIRMATION } from "./records/messages.ts";
import { PUBLISH_PRICE } from "./records/prices.ts";

/** An event as it is kept. */
export interface ReadEvent {
  /** `RECEIVED_DRLC_EVENT` */
  readonly kind: string;
  /** By the gateway; undefined when it does not say. Epoch milliseconds. */
  readonly atMs: number | undefined;
  readonly content: GatewayEventContent;
}

/** Reads what a gateway told, under its name in any release; undefined when it is no event. */
export function readEvent(element: RpcElement): ReadEvent | undefined {
  const name = eventNamed(element.name);
  if (!name) return undefined;
  const event: GatewayEvent = EVENTS[name];
  const content = {
    sourceAddress: parseMac(childText(element, "source_address") ?? ""),
    sourceEndpoint: numberIn(element, "source_endpoint_id"),
    endpoint: numberIn(element, "destination_endpoint_id"),
    status: numberIn(element, "status"),
    loadControlEvent: [],
    ...readable(() => recordsOf(event, element)),
  };
  const seconds = Number(element.attributes.timestamp);
  const atMs = seconds > 0 ? Math.round(seconds * 1000) : undefined;
  return { kind: name.toUpperCase(), atMs, content };
}

/** A record that cannot be read costs the event nothing but itself: its octets are in the log. */
function readable(read: () => Partial<GatewayEventContent>): Partial<GatewayEventContent> {
  try {
    return read();
  } catch (error) {
    if (error instanceof MetergateError) return {};
    throw error;
  }
}

/** Release 1.3 tells the active message as a list. */
function recordsOf({ record, list }: GatewayEvent, element: RpcElement): Partial<GatewayEventContent> {
  switch (record ?? list) {
    case "LoadControlEventRecord": {
      const one = readRecordOf(element, LOAD_CONTROL_EVENT);
      return { loadControlEvent: one ? [one] : recordsIn(element, "record_list", LOAD_CONTROL_EVENT) };
    }
    case "CancelLoadControlEventRecord":
      return { cancelLoadControlEvent: readRecordOf(element, CANCEL_LOAD_CONTROL_EVENT) };
    case "CancelAllLoadControlEventsRecord":
      return { cancelAllLoadControlEvents: readRecordOf(element, CANCEL_ALL_LOAD_CONTROL_EVENTS) };
    case "ReportEventStatusRecord":
      return { reportEventStatus: readRecordOf(element, REPORT_EVENT_STATUS) };
    case "DisplayMessageRecord": {
      const one = readRecordOf(element, DISPLAY_MESSAGE) ?? recordsIn(element, "record_list", DISPLAY_MESSAGE)[0];
      return { displayMessage: one };
    }
    case "CancelMessageRecord":
      return { cancelMessage: readRecordOf(element, CANCEL_MESSAGE) };
    case "MessageConfirmationRecord":
      return { messageConfirmation: readRecordOf(element, MESSAGE_CONFIRMATION) };
    case "PublishPriceRecord":
      return { publishPrice: readRecordOf(element, PUBLISH_PRICE) };
    default:
      return {};
  }
}
