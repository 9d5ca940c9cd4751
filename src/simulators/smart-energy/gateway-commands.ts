import {
  COMMANDS,
  type Command,
  type CommandName,
  isFrom,
  SMART_ENERGY_PROFILE,
  USUAL_ENDPOINT,
} from "../../smart-energy/commands.ts";
import { childNamed, childText, leaf, node, type RpcElement } from "../../smart-energy/element.ts";
import { SmartEnergyFormatError } from "../../smart-energy/errors.ts";
import { type RecordValues, readRequestedRecord, recordOf, withDefaults } from "../../smart-energy/records.ts";
import { NOT_FOUND, SUCCESS } from "../../smart-energy/status.ts";
import { UNVERIFIED } from "../../smart-energy/unverified.ts";
import { formatMac, fromUtc2000, type MacText, parseInteger, parseMac } from "../../smart-energy/values.ts";
import { type Entry, entryOf } from "./entry.ts";
import { isCommand, type SimulatedGateway } from "./gateway.ts";
import { generalCommand } from "./general-commands.ts";
import type { SimulatedNode } from "./node.ts";
import { answerLater, receiveDrlcEvent, receiveMessage, receivePrice, wanted } from "./received.ts";

/** What a command came to: a status with whom it was sent to. */
interface Outcome {
  readonly status: number;
  readonly recipients?: readonly { readonly mac: MacText }[];
}

const LONGEST_EVENT_MINUTES = 1440;

/** A message of the gateway in place of an answer. */
export function messageElement(severity: 0 | 1 | 2, description: string, identifier?: string): RpcElement {
  return node(
    "message",
    {},
    leaf("severity", severity),
    leaf("description", description),
    identifier === undefined ? undefined : leaf("request_identifier", identifier),
  );
}

/** Carries a command out and gives the gateway's answer to it. */
export function execute(gateway: SimulatedGateway, element: RpcElement): RpcElement {
  const identifier = childText(element, "request_identifier");
  const { name } = element;
  try {
    const answer = isCommand(name) ? smartEnergyCommand(gateway, name, element) : generalCommand(gateway, element);
    if (!answer) return gateway.stamped(messageElement(2, `Unknown command ${name}`, identifier));
    gateway.count(name);
    const echoed = identifier === undefined ? [] : [leaf("request_identifier", identifier)];
    return gateway.stamped({ ...answer, children: [...echoed, ...answer.children] });
  } catch (error) {
    if (!(error instanceof SmartEnergyFormatError)) throw error;
    return gateway.stamped(messageElement(2, `Invalid request: ${error.message}`, identifier));
  }
}

function smartEnergyCommand(gateway: SimulatedGateway, name: CommandName, element: RpcElement): RpcElement | undefined {
  const { release } = gateway.description;
  const command: Command = COMMANDS[name];
  if (name === "request_fast_poll_mode" && !isFrom(release, "1.5")) return undefined;
  if (name === "get_meter_profile" || name === "request_fast_poll_mode") return askMeter(gateway, name, element);
  if (command.answer.list) return listOf(gateway, name, command);
  const given = command.record && recordOf(element);
  if (command.record && !given && !command.isRecordOptional) throw new SmartEnergyFormatError("record is missing");
  const asked = given && command.record ? readRequestedRecord(given, command.record) : {};
  const values = command.record ? withDefaults(asked, command.record) : {};
  const isThere = gateway.has(command.side);
  const { status, recipients } = isThere ? CHANGES[name]!(gateway, values) : { status: UNVERIFIED.clusterMissing };
  const { answer } = command;
  // Prices come back whole, load control events as they were asked for, and on failure everything is an echo.
  const echo = name === "create_price_event" ? values : asked;
  const isSent = answer.devices && (status === SUCCESS || release === "1.3");
  const endpoint = parseInteger(childText(element, "source_endpoint_id") ?? "") ?? USUAL_ENDPOINT;
  const item = ({ mac }: { readonly mac: MacText }) => leaf("item", formatMac(mac), { type: "MAC" });
  return node(
    `${name}_response`,
    {},
    gateway.integer("source_endpoint_id", endpoint),
    gateway.integer("cluster_id", command.cluster),
    answer.status && gateway.integer("status", status),
    answer.record && given && gateway.record(echo, answer.record),
    isSent
      ? node("device_list", { type: "list" }, ...(status === SUCCESS ? (recipients ?? []) : []).map(item))
      : undefined,
  );
}

const displaysOf = (gateway: SimulatedGateway) => gateway.recipients(hasDisplay).map(({ description }) => description);

type Change = (gateway: SimulatedGateway, values: RecordValues) => Outcome;

const takesLoadControl = ({ description }: SimulatedNode) => description.deviceClass !== 0;
const hasDisplay = ({ description }: SimulatedNode) => description.confirmsAfterMs !== undefined;

const CHANGES: { readonly [N in CommandName]?: Change } = {
  create_DRLC_event(gateway, values) {
    const minutes = Number(values.duration_in_minutes);
    if (minutes < 1 || minutes > LONGEST_EVENT_MINUTES) return { status: UNVERIFIED.invalidEvent };
    const status = gateway.drlc.add(entryOf(values, "issuer_event_id", gateway.schedule.nowMs()));
    if (status !== SUCCESS) return { status };
    const recipients = gateway.recipients(takesLoadControl);
    for (const each of recipients) each.receiveEvent(values);
    return { status, recipients: recipients.map(({ description }) => description) };
  },
  cancel_DRLC_event(gateway, values) {
    const status = whyNoCancel(gateway.drlc.find(Number(values.issuer_event_id)), values);
    // Documented as never failing by itself.
    if (status !== SUCCESS) return { status: gateway.description.release === "1.3" ? SUCCESS : status };
    const effective = Number(values.effective_time);
    const id = Number(values.issuer_event_id);
    const nowMs = gateway.schedule.nowMs();
    const effectiveMs = effective === 0 ? nowMs : fromUtc2000(effective);
    if (effectiveMs > nowMs) gateway.drlc.endAt(id, effectiveMs);
    else gateway.drlc.remove(id);
    const recipients = gateway.recipients(takesLoadControl);
    for (const each of recipients) each.receiveCancel(values);
    return { status, recipients: recipients.map(({ description }) => description) };
  },
  cancel_all_DRLC_events(gateway, values) {
    gateway.drlc.clear();
    const recipients = gateway.recipients(takesLoadControl);
    for (const each of recipients) each.receiveCancelAll(values);
    return { status: SUCCESS, recipients: recipients.map(({ description }) => description) };
  },
  create_message_event(gateway, values) {
    const status = gateway.messages.add(entryOf(values, "message_id", gateway.schedule.nowMs()));
    if (status !== SUCCESS) return { status };
    const recipients = gateway.recipients(hasDisplay);
    for (const each of recipients) each.receiveMessage(values);
    return { status, recipients: recipients.map(({ description }) => description) };
  },
  cancel_message_event(gateway, values) {
    const status = gateway.messages.remove(Number(values.message_id));
    if (status !== SUCCESS) return { status: gateway.description.release === "1.3" ? SUCCESS : status };
    return { status, recipients: displaysOf(gateway) };
  },
  cancel_all_message_events(gateway) {
    gateway.messages.clear();
    return { status: SUCCESS, recipients: displaysOf(gateway) };
  },
  create_price_event(gateway, values) {
    const status = gateway.prices.add(entryOf(values, "issuer_event_id", gateway.schedule.nowMs()));
    return status === SUCCESS ? { status, recipients: displaysOf(gateway) } : { status };
  },
  cancel_all_price_events(gateway) {
    gateway.prices.clear();
    return { status: SUCCESS };
  },
  get_scheduled_DRLC_events: (gateway, values) =>
    asked(gateway, wanted(gateway.utility.drlc, values), receiveDrlcEvent),
  get_last_message_event: (gateway) => asked(gateway, gateway.utility.messages.slice(-1), receiveMessage),
  get_current_price_event: (gateway) => asked(gateway, gateway.utility.prices.slice(0, 1), receivePrice),
  get_scheduled_price_events: (gateway, values) => asked(gateway, wanted(gateway.utility.prices, values), receivePrice),
  clear_DRLC_events(gateway) {
    gateway.receivedDrlc.clear();
    return { status: SUCCESS };
  },
  clear_message_events(gateway) {
    gateway.receivedMessages.clear();
    return { status: SUCCESS };
  },
  clear_price_events(gateway) {
    gateway.receivedPrices.clear();
    return { status: SUCCESS };
  },
  confirm_message_event(gateway, values) {
    const id = Number(values.message_id ?? gateway.receivedMessages.active()[0]?.id ?? -1);
    const message = gateway.receivedMessages.find(id);
    if (!message) return { status: NOT_FOUND };
    if (message.values.cancel_message_control !== undefined) gateway.receivedMessages.remove(id);
    return { status: SUCCESS, recipients: [gateway.utility] };
  },
};

/** Asks the server on the network, which answers a moment later. */
function asked(
  gateway: SimulatedGateway,
  list: readonly RecordValues[],
  receive: (gateway: SimulatedGateway, values: RecordValues) => void,
): Outcome {
  answerLater(
    gateway,
    list.map((values) => () => receive(gateway, values)),
  );
  return { status: SUCCESS, recipients: [gateway.utility] };
}

/** Status of a cancel for an event that is kept or not, by its class and group. */
function whyNoCancel(event: Entry | undefined, values: RecordValues): number {
  if (!event) return UNVERIFIED.cancelOfUnknown;
  const isCovered = (Number(event.values.device_class) & ~Number(values.device_class)) === 0;
  const group = Number(values.utility_enrollment_group);
  const isItsGroup = group === 0 || group === Number(event.values.utility_enrollment_group);
  return isCovered && isItsGroup ? SUCCESS : UNVERIFIED.cancelAgainstRule;
}

function listOf(gateway: SimulatedGateway, name: CommandName, { cluster, answer }: Command): RpcElement {
  const isServer = gateway.has("server");
  const lists = {
    get_DRLC_events: isServer ? gateway.drlc : gateway.receivedDrlc,
    get_message_events: isServer ? gateway.messages : gateway.receivedMessages,
    get_price_events: isServer ? gateway.prices : gateway.receivedPrices,
  } as Partial<Record<CommandName, SimulatedGateway["drlc"]>>;
  const items = lists[name]!.entries.map(({ values }) => gateway.record(values, answer.list!, "item"));
  const isOldDrlc = gateway.description.release === "1.3" && name !== "get_price_events";
  return node(
    `${name}_response`,
    {},
    gateway.integer("endpoint_id", USUAL_ENDPOINT),
    isOldDrlc ? undefined : gateway.integer("cluster_id", cluster),
    isOldDrlc ? undefined : gateway.integer("server_or_client", isServer ? 0 : 1),
    node("events_record_list", { type: "list" }, ...items),
  );
}

function askMeter(gateway: SimulatedGateway, name: CommandName, element: RpcElement): RpcElement {
  const command: Command = COMMANDS[name];
  const given = recordOf(element);
  if (!given || !command.record || !command.answer.record) throw new SmartEnergyFormatError("record is missing");
  const asked = readRequestedRecord(given, command.record);
  const address = childText(element, "destination_address");
  const mac = address === undefined ? gateway.description.mac : parseMac(address);
  const isNew = isFrom(gateway.description.release, "1.4");
  const destination = childText(element, "destination_endpoint_id");
  const source = childText(element, "source_endpoint_id");
  if (!isNew && destination === undefined) throw new SmartEnergyFormatError("destination_endpoint_id is missing");
  if (!isNew && address !== undefined && source === undefined) {
    throw new SmartEnergyFormatError("source_endpoint_id is missing");
  }
  const meter = gateway.meters.find(({ description }) => description.mac === mac);
  if (!meter?.isOnline) throw new SmartEnergyFormatError("TX status 0x24: Address not found");
  const nowMs = gateway.schedule.nowMs();
  const values =
    name === "get_meter_profile"
      ? meter.profile(asked, nowMs, isFrom(gateway.description.release, "1.5"))
      : meter.fastPoll(asked, nowMs);
  return node(
    `${name}_response`,
    {},
    leaf("source_address", formatMac(meter.description.mac), { type: "MAC" }),
    gateway.integer("source_endpoint_id", meter.description.endpoint),
    gateway.integer("destination_endpoint_id", parseInteger(source ?? "") ?? USUAL_ENDPOINT),
    // Seen without its type.
    leaf("profile_id", gateway.style.number(SMART_ENERGY_PROFILE, "profile_id")),
    gateway.integer("cluster_id", command.cluster),
    gateway.integer("server_or_client", 0),
    gateway.record(values, command.answer.record),
  );
}

/** Whether a command element asks for its answer at once. */
export function isSynchronous({ attributes }: RpcElement): boolean {
  return attributes.synchronous?.toLowerCase() === "true";
}

/** How many answers a fetch of the buffer wants. */
export function limitOf(element: RpcElement): number {
  const limit = Number(element.attributes.limit ?? childNamed(element, "limit")?.text ?? 1);
  return Number.isSafeInteger(limit) && limit > 0 ? limit : 1;
}
