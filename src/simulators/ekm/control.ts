import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { openHttpPort } from "../../transport/open-port.ts";
import type { SimulatedCloud } from "./cloud.ts";
import type { SimulatedEkmMeter } from "./meter.ts";
import { Refusal, refuse } from "./refusal.ts";

const MOST_OCTETS = 65_536;
const MOST_WATTS = 1_000_000;

/** What a meter is in, for whoever looks. This is a simulation: its password protects nothing. */
function describe(meter: SimulatedEkmMeter, nowMs: number): object {
  const { address, version, password, ctRatio, maxDemandW, maxDemandPeriod, maxDemandResetInterval } = meter;
  const { outputRatio, display, pulses, resettable, load, isSilent, isClockDamaged } = meter;
  return {
    ...{ address, version, password, ctRatio, maxDemandW, maxDemandPeriod, maxDemandResetInterval, outputRatio },
    ...{ display, pulses, resettable, watts: load.watts, isSilent, isClockDamaged },
    relays: ([0, 1] as const).map((relay) => ({
      held: meter.relays[relay]!.held,
      isClosed: meter.isClosed(relay, nowMs),
    })),
    localTime: meter.localTime(nowMs).toISOString().slice(0, 19),
    forwardKwh: meter.forward,
    reverseKwh: meter.reverse,
    tables: meter.tariffs.describe(),
    executed: Object.fromEntries(meter.executed),
  };
}

/** Takes over values for names that are there already and of the same kind. */
function change<T extends object>(target: T, given: unknown, names: readonly string[]): void {
  if (typeof given !== "object" || given === null) refuse("the body is an object");
  const known = target as Record<string, unknown>;
  for (const [name, value] of Object.entries(given)) {
    if (!names.includes(name)) refuse(`unknown ${name}; there are ${names.join(", ")}`);
    const isNumber = typeof value !== "number" || (Number.isFinite(value) && value >= 0);
    if (typeof value !== typeof known[name] || !isNumber) refuse(`${name} is a ${typeof known[name]}`);
  }
  Object.assign(known, given);
}

function changeMeter(meter: SimulatedEkmMeter, given: unknown): void {
  const { watts, ...rest } = (given ?? {}) as { watts?: unknown };
  if (watts !== undefined) {
    const isLoad = Array.isArray(watts) && watts.length === 3 && watts.every((each) => Math.abs(each) <= MOST_WATTS);
    if (!isLoad) refuse("watts are three numbers");
    meter.load = { watts: watts as unknown as [number, number, number] };
  }
  change(meter, rest, ["isSilent", "isClockDamaged", "password"]);
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = "";
  for await (const part of request as AsyncIterable<Buffer>) {
    text += part.toString();
    if (text.length > MOST_OCTETS) refuse("the body is too long");
  }
  try {
    return JSON.parse(text);
  } catch {
    return refuse("the body is not JSON");
  }
}

async function answer(cloud: SimulatedCloud, nowMs: number, request: IncomingMessage): Promise<unknown> {
  const [, root = "", address] = (request.url ?? "").split("/");
  const name = `${request.method} ${root}`;
  if (name === "GET executions") return cloud.executions;
  if (name === "GET behaviour") return cloud.behaviour;
  if (name === "PATCH behaviour") {
    change(cloud.behaviour, await bodyOf(request), Object.keys(cloud.behaviour));
    return cloud.behaviour;
  }
  if (name === "GET meters" && !address) return cloud.meters.map((meter) => describe(meter, nowMs));
  if (root !== "meters" || !address) return refuse(`nothing is done at ${name}`);
  const meter = cloud.meter(address);
  if (request.method === "PATCH") changeMeter(meter, await bodyOf(request));
  else if (request.method !== "GET") refuse(`nothing is done at ${name}`);
  return describe(meter, nowMs);
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

/**
 * HTTP with JSON on the loopback interface: look at meters, arrange them, and say how the cloud misbehaves; see
 * docs/ekm.md.
 * @param port 0 lets the system choose
 */
export async function serveControl(
  cloud: SimulatedCloud,
  port: number,
  nowMs: () => number,
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(cloud, nowMs(), request).then(
      (body) => reply(response, 200, body),
      (error: Error) => reply(response, error instanceof Refusal ? 400 : 500, { error: error.message }),
    );
  });
  return await openHttpPort(server, "127.0.0.1", port);
}
