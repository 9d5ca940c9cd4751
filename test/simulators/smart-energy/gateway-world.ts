import { ManualClock } from "../../../src/lib/clock.ts";
import type { Random } from "../../../src/lib/random.ts";
import { type GatewayDescription, SimulatedGateway } from "../../../src/simulators/smart-energy/gateway.ts";
import { execute } from "../../../src/simulators/smart-energy/gateway-commands.ts";
import { NODE_DEFAULTS, type NodeDescription, type SimulatedNode } from "../../../src/simulators/smart-energy/node.ts";
import { COMMANDS, type Command, type CommandName, eventNamed } from "../../../src/smart-energy/commands.ts";
import { childNamed, childText, node, type RpcElement } from "../../../src/smart-energy/element.ts";
import {
  REQUEST_STYLE,
  type RecordValues,
  readRecord,
  recordOf,
  writeRecord,
} from "../../../src/smart-energy/records.ts";
import { parseInteger, toUtc2000 } from "../../../src/smart-energy/values.ts";

export const START = Date.UTC(2026, 5, 1, 12);
export const MINUTE = 60_000;

/** Random octets that are always the same share of their range: 0.5 puts every delay in the middle. */
const half: Random = { bytes: (length) => new Uint8Array(length).fill(0x80), uuid: () => "" };

/** A gateway under a clock that the test moves. */
export class GatewayWorld {
  readonly clock = new ManualClock(START);
  readonly gateway: SimulatedGateway;

  constructor(description: Partial<GatewayDescription> = {}) {
    this.gateway = new SimulatedGateway(
      {
        ...{ deviceId: "00000000-00000000-AABBCCFF-FFDDEEFF", mac: "0013A20040000001", release: "1.5" },
        ...{ overlaps: "newer", sides: ["server", "client"], usesPush: false, firmware: "1" },
        ...description,
      },
      { clock: this.clock, random: half },
    );
  }

  node(description: Partial<NodeDescription> = {}): SimulatedNode {
    return this.gateway.addNode({ ...NODE_DEFAULTS, mac: "0013A200400A0001", startRandomisation: 0, ...description });
  }

  /** Sends a command with a record. */
  send(name: CommandName, values: RecordValues = {}): RpcElement {
    const { record }: Command = COMMANDS[name];
    return execute(this.gateway, node(name, {}, ...(record ? [writeRecord(values, record, REQUEST_STYLE)] : [])));
  }

  /** The same, and gives its status. */
  status(name: CommandName, values: RecordValues = {}): number | undefined {
    return parseInteger(childText(this.send(name, values), "status") ?? "");
  }

  /** A load control event. @param startMinutes from the start of the test on; at once when undefined */
  event(id: number, startMinutes: number | undefined, minutes: number, more: RecordValues = {}): RecordValues {
    const start = startMinutes === undefined ? 0 : toUtc2000(START + startMinutes * MINUTE);
    return { issuer_event_id: id, start_time: start, duration_in_minutes: minutes, event_control: 0, ...more };
  }

  pass(minutes: number): void {
    this.clock.advance(minutes * MINUTE);
  }

  /** What the gateway told since the last time: minutes since the start, event, and number and status of what it is about. */
  told(): string[] {
    return this.gateway.takeBuffer(1000).elements.flatMap((element) => {
      const name = eventNamed(element.name);
      if (!name) return [];
      const minutes = (Number(element.attributes.timestamp) * 1000 - START) / MINUTE;
      return [`${minutes} ${name} ${contentOf(element)}`.trim()];
    });
  }
}

function contentOf(element: RpcElement): string {
  const list = childNamed(element, "record_list");
  if (list) return `[${list.children.map((item) => idOf(item)).join()}]`;
  const record = recordOf(element);
  if (!record) return "none";
  const status = childText(record, "event_status");
  return [idOf(record), status, childText(element, "status") && `status ${childText(element, "status")}`]
    .filter(Boolean)
    .join(" ");
}

function idOf(record: RpcElement): string {
  const { values } = readRecord(
    record,
    record.children.some(({ name }) => name === "message_id") ? "DisplayMessageRecord" : "LoadControlEventRecord",
  );
  return String(values.issuer_event_id ?? values.message_id ?? "");
}
