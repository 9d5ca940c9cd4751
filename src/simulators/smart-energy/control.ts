import { createServer, type IncomingMessage } from "node:http";
import type { RecordValues } from "../../smart-energy/records.ts";
import { openHttpPort } from "../../transport/open-port.ts";
import type { DeviceCloud } from "./device-cloud.ts";
import type { SimulatedGateway } from "./gateway.ts";
import type { Misbehaviour } from "./misbehaviour.ts";
import {
  receiveCancelAllDrlcEvents,
  receiveCancelDrlcEvent,
  receiveCancelMessage,
  receiveDrlcEvent,
  receiveMessage,
  receivePrice,
} from "./received.ts";

/** What a request names after its path, and what it brings. */
interface Call {
  readonly cloud: DeviceCloud;
  readonly gateway: SimulatedGateway;
  readonly body: unknown;
}

const MOST_OCTETS = 64 * 1024;

/** What comes from the server that a gateway is a client of. */
const RECEIVED: Readonly<Record<string, (gateway: SimulatedGateway, values: RecordValues) => void>> = {
  "drlc-event": receiveDrlcEvent,
  "cancel-drlc-event": receiveCancelDrlcEvent,
  "cancel-all-drlc-events": receiveCancelAllDrlcEvents,
  message: receiveMessage,
  "cancel-message": receiveCancelMessage,
  price: receivePrice,
};

/** By method and what follows the gateway in the path. */
const ACTIONS: Readonly<Record<string, (call: Call) => unknown>> = {
  "GET ": ({ gateway }) => describe(gateway),
  "PUT connected": ({ gateway, body }) => {
    gateway.isConnected = body === true;
    return describe(gateway);
  },
  "POST opt-out": ({ gateway, body }) => opt(gateway, body, false),
  "POST opt-in": ({ gateway, body }) => opt(gateway, body, true),
  ...Object.fromEntries(
    Object.entries(RECEIVED).map(([name, receive]) => [
      `POST received/${name}`,
      ({ gateway, body }: Call) => {
        receive(gateway, valuesIn(body));
        return describe(gateway);
      },
    ]),
  ),
};

function describe(gateway: SimulatedGateway): object {
  const { description, isConnected, schedule, buffered, nodes, meters } = gateway;
  const ids = (list: SimulatedGateway["drlc"]) => list.entries.map(({ id }) => id);
  return {
    ...{ deviceId: description.deviceId, release: description.release, isConnected, buffered: buffered.length },
    time: new Date(schedule.nowMs()).toISOString(),
    server: { drlc: ids(gateway.drlc), messages: ids(gateway.messages), prices: ids(gateway.prices) },
    client: {
      ...{ drlc: ids(gateway.receivedDrlc), messages: ids(gateway.receivedMessages) },
      prices: ids(gateway.receivedPrices),
    },
    nodes: nodes.map(({ description: { mac }, isOnline, acting }) => ({ mac, isOnline, acting })),
    meters: meters.map((meter) => meter.description.mac),
    executed: Object.fromEntries(gateway.executed),
  };
}

function opt(gateway: SimulatedGateway, body: unknown, isIn: boolean): object {
  const { mac, event } = body as { readonly mac?: unknown; readonly event?: unknown };
  const node = gateway.nodes.find(({ description }) => description.mac === mac);
  if (!node || typeof event !== "number") throw new RangeError("mac names a node, and event is a number");
  node.opt(event, isIn);
  return describe(gateway);
}

function valuesIn(body: unknown): RecordValues {
  const values = Object.entries(body ?? {});
  if (values.some(([, value]) => typeof value !== "number" && typeof value !== "string")) {
    throw new RangeError("fields are numbers or texts");
  }
  return Object.fromEntries(values) as RecordValues;
}

/** Kinds of misbehaviour, each with the numbers and texts that it needs. */
const NEEDS: Readonly<Record<Misbehaviour["kind"], Readonly<Record<string, "number" | "string">>>> = {
  late: { delayMs: "number" },
  twice: {},
  "for-another": {},
  refuse: { text: "string" },
  offline: {},
  status: { status: "number" },
  "cut-after": {},
  "cut-before": {},
  garbage: {},
  huge: { octets: "number" },
  silent: {},
  "silent-after": {},
};

/** @throws RangeError that says what is allowed */
function misbehaviourFrom(body: unknown): Misbehaviour {
  const given = (body ?? {}) as Record<string, unknown>;
  const needs = typeof given.kind === "string" && Object.hasOwn(NEEDS, given.kind) ? given.kind : undefined;
  if (needs === undefined) throw new RangeError(`kind is one of: ${Object.keys(NEEDS).join(", ")}`);
  for (const [name, type] of Object.entries(NEEDS[needs as Misbehaviour["kind"]])) {
    if (typeof given[name] !== type) throw new RangeError(`${needs} needs ${name}, a ${type}`);
  }
  return given as unknown as Misbehaviour;
}

async function answer(cloud: DeviceCloud, request: IncomingMessage): Promise<unknown> {
  const { method = "", url = "" } = request;
  const [root, id, ...rest] = url.split("/").slice(1);
  const body = await readBody(request);
  if (root === "misbehaviours" && method === "POST") {
    cloud.misbehaviours.add(misbehaviourFrom(body));
    return {};
  }
  if (root === "misbehaviours" && method === "DELETE") {
    cloud.misbehaviours.clear();
    return {};
  }
  if (root !== "gateways") throw new RangeError("paths begin with /gateways or /misbehaviours");
  if (!id) return cloud.gateways.map(describe);
  const gateway = cloud.gateways.find(({ description }) => description.deviceId === id.toUpperCase());
  const action = ACTIONS[`${method} ${rest.join("/")}`];
  if (!gateway || !action) throw new RangeError(`nothing is done at ${method} ${url.slice(0, 100)}`);
  return action({ cloud, gateway, body });
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    octets += part.length;
    if (octets > MOST_OCTETS) throw new RangeError("the body is too long");
    parts.push(part);
  }
  if (octets === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    throw new RangeError("the body is not JSON");
  }
}

/**
 * HTTP with JSON on the loopback interface: arrange and look at a simulated cloud, see docs/smart-energy.md.
 * @param port 0 lets the system choose
 */
export async function serveControl(
  cloud: DeviceCloud,
  port: number,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    const reply = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    answer(cloud, request).then(
      (body) => reply(200, body),
      (error: Error) => reply(400, { message: error.message }),
    );
  });
  return await openHttpPort(server, "127.0.0.1", port);
}
