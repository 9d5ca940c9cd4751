import { type RecordValues, withDefaults } from "../../smart-energy/records.ts";
import { NOT_FOUND, SUCCESS } from "../../smart-energy/status.ts";
import { fromUtc2000, type MacText } from "../../smart-energy/values.ts";
import { entryOf } from "./entry.ts";
import type { SimulatedGateway } from "./gateway.ts";

/*
 * What a gateway that is a client gets from a server on its network. It tells each of them, whether or not it could be
 * used, and what is active when that has changed.
 */

/** Another server on the network: it answers what the gateway asks for. */
export interface Utility {
  readonly mac: MacText;
  readonly endpoint: number;
  readonly drlc: RecordValues[];
  readonly messages: RecordValues[];
  readonly prices: RecordValues[];
}

const CONFIRM = 0x80;

export function receiveDrlcEvent(gateway: SimulatedGateway, values: RecordValues): void {
  const full = withDefaults(values, "LoadControlEventRecord");
  const status = gateway.receivedDrlc.add(entryOf(full, "issuer_event_id", gateway.schedule.nowMs()));
  gateway.tell("received_DRLC_event", gateway.utility, full, status);
}

export function receiveCancelDrlcEvent(gateway: SimulatedGateway, values: RecordValues): void {
  const full = withDefaults(values, "CancelLoadControlEventRecord");
  const id = Number(full.issuer_event_id);
  const effective = Number(full.effective_time);
  const isKnown = gateway.receivedDrlc.find(id) !== undefined;
  gateway.tell("received_cancel_DRLC_event", gateway.utility, full, isKnown ? SUCCESS : NOT_FOUND);
  if (effective === 0) gateway.receivedDrlc.remove(id);
  else gateway.receivedDrlc.endAt(id, fromUtc2000(effective));
}

export function receiveCancelAllDrlcEvents(gateway: SimulatedGateway, values: RecordValues): void {
  const status = gateway.receivedDrlc.entries.length > 0 ? SUCCESS : NOT_FOUND;
  const full = withDefaults(values, "CancelAllLoadControlEventsRecord");
  gateway.tell("received_cancel_all_DRLC_events", gateway.utility, full, status);
  gateway.receivedDrlc.clear();
}

export function receiveMessage(gateway: SimulatedGateway, values: RecordValues): void {
  const full = withDefaults(values, "DisplayMessageRecord");
  const status = gateway.receivedMessages.add(entryOf(full, "message_id", gateway.schedule.nowMs()));
  gateway.tell("received_display_message", gateway.utility, full, status);
}

/** A message whose cancel must be confirmed stays on display until somebody did. */
export function receiveCancelMessage(gateway: SimulatedGateway, values: RecordValues): void {
  const full = withDefaults(values, "CancelMessageRecord");
  const id = Number(full.message_id);
  const kept = gateway.receivedMessages.find(id);
  gateway.tell("received_cancel_message", gateway.utility, full, kept ? SUCCESS : NOT_FOUND);
  const control = Number(full.message_control);
  const isActive = gateway.receivedMessages.active().some((entry) => entry.id === id);
  if (kept && isActive && control & CONFIRM) {
    gateway.receivedMessages.update(id, { ...kept.values, cancel_message_control: control });
  } else gateway.receivedMessages.remove(id);
}

export function receivePrice(gateway: SimulatedGateway, values: RecordValues): void {
  const full = withDefaults(values, "PublishPriceRecord");
  const status = gateway.receivedPrices.add(entryOf(full, "issuer_event_id", gateway.schedule.nowMs()));
  gateway.tell("received_publish_price", gateway.utility, full, status);
}

/** Has the server answer a question, a moment later. */
export function answerLater(gateway: SimulatedGateway, answers: readonly (() => void)[]): void {
  gateway.schedule.after(0, () => {
    for (const answer of answers) answer();
  });
}

/** Those of a server's that are wanted: from a time on, and only so many. */
export function wanted(list: readonly RecordValues[], values: RecordValues): RecordValues[] {
  const { start_time: start = 0, number_of_events: most = 0 } = values;
  const later = list.filter((each) => Number(each.start_time ?? 0) >= Number(start) || each.start_time === undefined);
  return most === 0 ? later : later.slice(0, Number(most));
}
