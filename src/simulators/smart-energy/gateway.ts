import type { Clock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import {
  COMMANDS,
  type Command,
  type CommandName,
  EVENTS,
  type EventName,
  type GatewayEvent,
  NAMES_OF_1_3,
  type Release,
  USUAL_ENDPOINT,
} from "../../smart-energy/commands.ts";
import type { CloudDeviceId } from "../../smart-energy/device-id.ts";
import { leaf, node, type RpcElement } from "../../smart-energy/element.ts";
import { RESPONSE_STYLE, type RecordValues, type ValueStyle, writeRecord } from "../../smart-energy/records.ts";
import { formatMac, type MacText } from "../../smart-energy/values.ts";
import { EntryList, type Overlaps } from "./entry-list.ts";
import type { SimulatedMeter } from "./meter.ts";
import { type NodeDescription, SimulatedNode } from "./node.ts";
import type { Utility } from "./received.ts";
import { Schedule } from "./schedule.ts";

export interface GatewayDescription {
  readonly deviceId: CloudDeviceId;
  readonly mac: MacText;
  readonly release: Release;
  /** Sides of clusters that it has: it speaks for the utility, or is a display, or both. */
  readonly sides: readonly ("server" | "client")[];
  readonly overlaps: Exclude<Overlaps, "together">;
  /** Whether what it has to say is uploaded to the cloud, in place of waiting in its buffer. */
  readonly usesPush: boolean;
  readonly firmware: string;
}

/** What a gateway says with the time at which it came about. */
export interface Said {
  readonly element: RpcElement;
  /** Epoch milliseconds. */
  readonly atMs: number;
}

/** An update is done after so long; that of a real gateway takes minutes. */
const UPDATE_MS = 500;

/** Answers and events that a gateway keeps for whoever fetches them; the oldest go when there are more. */
const LARGEST_BUFFER = 500;

/** A gateway with its lists and the network behind it. What it does with a command is in `gateway-commands.ts`. */
export class SimulatedGateway {
  readonly description: GatewayDescription;
  readonly schedule: Schedule;
  readonly #random: Random;
  readonly nodes: SimulatedNode[] = [];
  readonly meters: SimulatedMeter[] = [];
  /** The server that it is a client of. */
  readonly utility: Utility = { mac: "0013A2000000E51A", endpoint: 94, drlc: [], messages: [], prices: [] };
  /** As a server. */
  readonly drlc: EntryList;
  readonly messages: EntryList;
  readonly prices: EntryList;
  /** As a client of another server on its network. */
  readonly receivedDrlc: EntryList;
  readonly receivedMessages: EntryList;
  readonly receivedPrices: EntryList;
  /** The level of what it runs. */
  firmware: string;
  /** What it tells its network of local time, by number of the attribute. */
  readonly timeAttributes = new Map<number, number>();
  #buffer: Said[] = [];
  /** Told what goes to the cloud by itself. */
  onUpload: (said: Said) => void = () => {};
  isConnected = true;
  style: ValueStyle = RESPONSE_STYLE;
  /** How each event gets out: not at all, once, or twice. */
  eventCopies = 1;
  /** How often each command was carried out. */
  readonly executed = new Map<string, number>();

  constructor(description: GatewayDescription, { clock, random }: { clock: Clock; random: Random }) {
    this.description = description;
    this.firmware = description.firmware;
    this.schedule = new Schedule(clock);
    this.#random = random;
    const { schedule } = this;
    const { overlaps } = description;
    this.drlc = new EntryList({ schedule, overlaps: "together" });
    this.messages = new EntryList({ schedule, overlaps });
    this.prices = new EntryList({ schedule, overlaps });
    this.receivedDrlc = new EntryList({
      ...{ schedule, overlaps: "together" },
      onActive: (active) =>
        this.#tellActive(
          "updated_active_DRLC_events",
          active.map(({ values }) => values),
        ),
    });
    this.receivedMessages = new EntryList({
      ...{ schedule, overlaps: "newer" },
      onActive: (active) =>
        this.#tellActive(
          "updated_active_message",
          active.map(({ values }) => values),
        ),
    });
    this.receivedPrices = new EntryList({
      ...{ schedule, overlaps: "newer" },
      onActive: (active) =>
        this.#tellActive(
          "updated_active_price",
          active.map(({ values }) => values),
        ),
    });
  }

  addNode(description: NodeDescription): SimulatedNode {
    const port = {
      report: (from: SimulatedNode, values: RecordValues) =>
        this.tell("received_report_event_status", from.description, values),
      confirm: (from: SimulatedNode, messageId: number) => {
        const confirmationTime = Math.floor(this.schedule.nowMs() / 1000) - 946_684_800;
        const values = { message_id: messageId, confirmation_time: confirmationTime };
        this.tell("received_message_confirmation", from.description, values);
      },
    };
    const added = new SimulatedNode(description, { schedule: this.schedule, random: this.#random, port });
    this.nodes.push(added);
    return added;
  }

  has(side: Command["side"]): boolean {
    return side === "either" || this.description.sides.includes(side);
  }

  /** Nodes that the gateway sends to: those that it counts as active. */
  recipients(isMeant: (node: SimulatedNode) => boolean = () => true): SimulatedNode[] {
    return this.nodes.filter((each) => each.isKnownActive && isMeant(each));
  }

  integer(name: string, value: number): RpcElement {
    return leaf(name, this.style.number(value, name), this.style.isTyped ? { type: "int" } : {});
  }

  record(values: RecordValues, of: Parameters<typeof writeRecord>[1], name = "record"): RpcElement {
    return writeRecord(values, of, this.style, name);
  }

  /** Tells an event of a node, or of itself. */
  tell(
    name: EventName,
    from: { readonly mac: MacText; readonly endpoint: number },
    values: RecordValues,
    status = 0,
  ): void {
    const event: GatewayEvent = EVENTS[name];
    const address = leaf("source_address", formatMac(from.mac), { type: "MAC" });
    this.#emit(name, [
      address,
      this.integer("source_endpoint_id", from.endpoint),
      this.integer("destination_endpoint_id", USUAL_ENDPOINT),
      this.integer("cluster_id", event.cluster),
      ...(event.status ? [this.integer("status", status)] : []),
      ...(event.record ? [this.record(values, event.record)] : []),
    ]);
  }

  #tellActive(name: EventName, active: readonly RecordValues[]): void {
    const event: GatewayEvent = EVENTS[name];
    const own = [this.integer("destination_endpoint_id", USUAL_ENDPOINT), this.integer("cluster_id", event.cluster)];
    const { list, record } = event;
    if (list) {
      const items = active.map((values) => this.record(values, list, "item"));
      this.#emit(name, [...own, node("record_list", { type: "list" }, ...items)]);
    } else if (record) {
      this.#emit(name, [...own, ...active.slice(0, 1).map((values) => this.record(values, record))]);
    }
  }

  #emit(name: EventName, children: readonly RpcElement[]): void {
    const old = Object.entries(NAMES_OF_1_3).find(([, newer]) => newer === name)?.[0];
    const called = this.description.release === "1.3" && old ? old : name;
    // Copies are alike to the last digit of their time.
    const event = this.stamped(node(called, {}, ...children));
    for (let copy = 0; copy < this.eventCopies; copy++) this.#keep(event);
  }

  /** Runs an image a while later: what it shows then is the first line of it. One without is nothing that it could run. */
  update(image: Uint8Array): void {
    this.count("update_firmware");
    const [, level] = /^([\x20-\x7e]{1,64})\n/.exec(Buffer.from(image).toString("latin1")) ?? [];
    if (level === undefined) return;
    this.schedule.after(UPDATE_MS, () => {
      this.firmware = level;
    });
  }

  /** Keeps something for whoever fetches it, or uploads it. */
  say(element: RpcElement): void {
    this.#keep(this.stamped(element));
  }

  #keep(element: RpcElement): void {
    const said = { element, atMs: this.schedule.nowMs() };
    if (this.description.usesPush) {
      this.onUpload(said);
      return;
    }
    this.#buffer.push(said);
    if (this.#buffer.length <= LARGEST_BUFFER) return;
    this.#buffer = this.#buffer.slice(-LARGEST_BUFFER);
  }

  /** With the time, in seconds since 1970. */
  stamped(element: RpcElement): RpcElement {
    const seconds = (this.schedule.nowMs() / 1000).toFixed(3);
    return { ...element, attributes: { ...element.attributes, timestamp: seconds } };
  }

  /** Hands out what it keeps, the oldest first, and forgets it. */
  takeBuffer(limit: number): { readonly elements: RpcElement[]; readonly remaining: number } {
    const taken = this.#buffer.splice(0, limit);
    return { elements: taken.map(({ element }) => element), remaining: this.#buffer.length };
  }

  get buffered(): readonly Said[] {
    return this.#buffer;
  }

  count(name: string): void {
    this.executed.set(name, (this.executed.get(name) ?? 0) + 1);
  }

  /** The network falls silent and nothing happens any more. */
  stop(): void {
    this.schedule.stop();
  }
}

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}
