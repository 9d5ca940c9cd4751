import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { toHex } from "../../lib/bytes.ts";
import { type ObisCode, parseObis } from "../../lib/obis.ts";
import { openHttpPort } from "../../transport/open-port.ts";
import { behaviourFromJson } from "./behaviour-catalogue.ts";
import { SimulatorError } from "./errors.ts";
import { fromJson, toJson } from "./json-value.ts";
import { gasMeterKeys } from "./mbus-keys.ts";
import { pushFromJson } from "./push-json.ts";
import type { SimulatedMeter } from "./simulated-meter.ts";

/** What the control interface needs of a fleet. */
export interface ControlledMeters {
  readonly meters: readonly SimulatedMeter[];
  /** @throws SimulatorError `simulator/unknown-meter` */
  meter(identification: string): SimulatedMeter;
}

export interface ControlServer {
  readonly port: number;
  close(): Promise<void>;
}

const MOST_OCTETS = 1024 * 1024;
const MOST_SECONDS = 0xffff_ffff;

/** What a request names after its path, and what it brings. */
interface Call {
  readonly meter: SimulatedMeter;
  readonly rest: readonly string[];
  readonly body: unknown;
}

type Action = (call: Call) => unknown;

/** By method and the path segment after the meter; the empty one is the meter itself, `*` an attribute. */
const ACTIONS: Readonly<Record<string, Action>> = {
  "GET ": ({ meter }) => describe(meter),
  "GET *": ({ meter, rest }) => toJson(meter.read(...attributeOf(rest))),
  "PUT *": ({ meter, rest, body }) => {
    meter.write(...attributeOf(rest), fromJson(body));
    return {};
  },
  "GET keys": ({ meter }) => keysOf(meter),
  "GET behaviours": ({ meter }) => meter.behaviours.names(),
  "POST behaviours": ({ meter, body }) => {
    meter.behaviours.add(behaviourFromJson(body));
    return meter.behaviours.names();
  },
  "DELETE behaviours": ({ meter }) => {
    meter.behaviours.clear();
    return meter.behaviours.names();
  },
  "POST power-failure": ({ meter, body }) => {
    const { seconds } = (body ?? {}) as { readonly seconds?: unknown };
    if (typeof seconds !== "number" || !(seconds >= 1 && seconds <= MOST_SECONDS)) {
      throw new SimulatorError("simulator/invalid-value", `seconds is a number from 1 to ${MOST_SECONDS}`);
    }
    meter.powerFailure(Math.round(seconds));
    return {};
  },
  "POST push": async ({ meter, body }) => {
    await pushFromJson(meter, body);
    return {};
  },
};

function describe({ meter, port, host }: SimulatedMeter): object {
  const { identification, profile, security, logicalDevice, systemTitle } = meter.description;
  return {
    identification,
    protocol: profile.protocol,
    version: profile.version,
    security,
    host,
    port,
    logicalDevice,
    systemTitle: toHex(systemTitle),
    expectedInvocationCounter: meter.expectedInvocationCounter,
  };
}

/** Keys in force, so that a test can see what a key change did. This is a simulation: they protect nothing. */
function keysOf({ meter }: SimulatedMeter): object {
  const { encryptionUnicast, authentication, master } = meter.keys;
  const hex = (keys: object) => Object.fromEntries(Object.entries(keys).map(([name, key]) => [name, toHex(key)]));
  const channels = [...meter.description.mbusDevices.keys()];
  return {
    ...hex({ encryptionUnicast, authentication, master }),
    mbus: Object.fromEntries(channels.map((channel) => [channel, hex(gasMeterKeys(meter, channel))])),
  };
}

function attributeOf([classId, logicalName, attribute]: readonly string[]): [number, ObisCode, number] {
  try {
    if (/^\d{1,5}$/.test(classId ?? "") && /^\d{1,3}$/.test(attribute ?? "")) {
      return [Number(classId), parseObis(logicalName!), Number(attribute)];
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  throw new SimulatorError("simulator/unknown-object", "a path names class, logical name and attribute with / between");
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    octets += part.length;
    if (octets > MOST_OCTETS) throw new SimulatorError("simulator/invalid-value", "the body is too long");
    parts.push(part);
  }
  if (octets === 0) return undefined;
  try {
    return JSON.parse(Buffer.concat(parts).toString("utf8"));
  } catch {
    throw new SimulatorError("simulator/invalid-value", "the body is not JSON");
  }
}

async function answer(fleet: ControlledMeters, request: IncomingMessage): Promise<unknown> {
  const [root, identification, ...rest] = (request.url ?? "").split("/").slice(1).map(decodeURIComponent);
  if (root !== "meters") throw new SimulatorError("simulator/unknown-object", "paths begin with /meters");
  if (!identification) return fleet.meters.map(describe);
  const meter = fleet.meter(identification);
  const segment = rest.length === 3 ? "*" : rest.join("/");
  const name = `${request.method} ${segment}`;
  const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!action) throw new SimulatorError("simulator/unknown-object", `nothing is done at ${name}`);
  return action({ meter, rest, body: await readBody(request) });
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function refuse(response: ServerResponse, error: unknown): void {
  const { code, message } = error as { code?: string; message: string };
  const unknown = code === "simulator/unknown-meter" || code === "simulator/unknown-object";
  reply(response, unknown ? 404 : 400, { code: code ?? "simulator/invalid-value", message });
}

/**
 * HTTP with JSON on the loopback interface: arrange and look at meters, see docs/simulator.md.
 * @param port 0 lets the system choose
 */
export async function startControlServer(fleet: ControlledMeters, port: number): Promise<ControlServer> {
  const server = createServer((request, response) => {
    answer(fleet, request).then(
      (body) => reply(response, 200, body),
      (error) => refuse(response, error),
    );
  });
  return await openHttpPort(server, "127.0.0.1", port);
}
