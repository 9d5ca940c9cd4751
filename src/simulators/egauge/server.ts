import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type OpenPort, openHttpPort } from "../../transport/open-port.ts";
import { NO_JSON } from "./answer.ts";
import { behaviourFromJson } from "./behaviours.ts";
import type { SimulatedEgauge } from "./meter.ts";

const MOST_OCTETS = 8 * 1024 * 1024;
const FLOOD = "x".repeat(65_536);

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let octets = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    octets += chunk.byteLength;
    if (octets > MOST_OCTETS) throw new RangeError("the body is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Clients send bodies without a type: what is in them decides. */
function parse(text: string): unknown {
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return NO_JSON;
  }
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function react(meter: SimulatedEgauge, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path = "", query = ""] = (request.url ?? "").split("?");
  if (!path.startsWith("/api/")) return reply(response, 404, undefined);
  const { method = "", headers } = request;
  const { authorization } = headers;
  const body = parse(await bodyOf(request));
  const reaction = meter.react({ method, path: path.slice("/api".length), query, authorization, body });
  if (typeof reaction === "object") return reply(response, reaction.status, reaction.body);
  if (reaction === "cut") request.socket.destroy();
  else if (reaction === "garbage") response.writeHead(200).end("<html>not what you think</html>");
  else if (reaction === "flood") {
    response.writeHead(200);
    const more = () => response.write(FLOOD, () => !response.destroyed && more());
    more();
  }
}

/** Puts a meter on a port; 0 for any. */
export function serveMeter(meter: SimulatedEgauge, host: string, port: number): Promise<OpenPort> {
  const server = createServer((request, response) => {
    react(meter, request, response).catch(() => request.socket.destroy());
  });
  return openHttpPort(server, host, port);
}

function describe(meter: SimulatedEgauge): object {
  const { identification, state, operations, executed, behaviours } = meter;
  const { firmware, kernel, boots, isUp, homeplug, wlan, activated } = state;
  return {
    ...{ identification, firmware, kernel, boots, isUp, executed, behaviours },
    ...{ time: state.stamp, running: operations.running, logins: meter.authentication.logins },
    ...{ homeplugTargets: homeplug?.targets.length ?? 0, wlan, activated: Object.fromEntries(activated) },
  };
}

async function control(meters: readonly SimulatedEgauge[], request: IncomingMessage): Promise<unknown> {
  const [, root, identification, part] = (request.url ?? "").split("/").map(decodeURIComponent);
  if (root !== "meters") return undefined;
  if (!identification) return meters.map(describe);
  const meter = meters.find((each) => each.identification === identification);
  if (!meter) return undefined;
  switch (`${request.method} ${part ?? ""}`) {
    case "GET ":
      return describe(meter);
    case "GET behaviours":
      return meter.behaviours;
    case "POST behaviours":
      meter.behave(behaviourFromJson(parse(await bodyOf(request))));
      return meter.behaviours;
    case "DELETE behaviours":
      meter.behaveWell();
      return meter.behaviours;
    case "POST reboot":
      meter.state.reboot("power-on");
      return {};
    default:
      return undefined;
  }
}

/** HTTP with JSON on the loopback interface: look at meters and arrange them, see docs/simulator.md. */
export function serveControl(meters: readonly SimulatedEgauge[], port: number): Promise<OpenPort> {
  const server = createServer((request, response) => {
    control(meters, request).then(
      (body) =>
        body === undefined ? reply(response, 404, { message: "nothing is there" }) : reply(response, 200, body),
      (error: Error) => reply(response, 400, { message: error.message }),
    );
  });
  return openHttpPort(server, "127.0.0.1", port);
}
