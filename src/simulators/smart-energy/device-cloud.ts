import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Clock } from "../../lib/clock.ts";
import { childText, formatElement, leaf, node, parseElement, type RpcElement } from "../../smart-energy/element.ts";
import { SmartEnergyFormatError } from "../../smart-energy/errors.ts";
import { type ReceivedSciRequest, readFirmwareUpdate, readSciRequest } from "../../smart-energy/sci.ts";
import type { SimulatedGateway } from "./gateway.ts";
import { execute, isSynchronous, limitOf, messageElement } from "./gateway-commands.ts";
import { type Misbehaviour, Misbehaviours } from "./misbehaviour.ts";
import { type Monitor, Uploads } from "./uploads.ts";

export interface DeviceCloudOptions {
  readonly clock: Clock;
  readonly user: string;
  readonly password: string;
  readonly host?: string;
  /** 0 lets the system choose. */
  readonly port?: number;
}

const LARGEST_REQUEST = 256 * 1024;

/** A Device Cloud with gateways: SCI messages at once and by jobs, what it knows of devices, and HTTP monitors. */
export class DeviceCloud {
  readonly gateways: SimulatedGateway[] = [];
  readonly misbehaviours = new Misbehaviours();
  /** What came in, a line for each exchange: method, path and commands. */
  readonly exchanges: string[] = [];
  /** Told before and after each of them: `after POST /ws/sci create_DRLC_event`. It waits until that resolves. */
  onExchange = async (_moment: string): Promise<void> => {};
  readonly #options: DeviceCloudOptions;
  readonly #server: Server;
  readonly #jobs = new Map<string, RpcElement>();
  readonly #uploads: Uploads;
  #lastJob = 100;

  constructor(options: DeviceCloudOptions) {
    this.#options = options;
    this.#uploads = new Uploads(options.clock);
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error) => {
        reply(response, 400, formatElement(wsError(error instanceof Error ? error.message : "not understood")));
      });
    });
  }

  get url(): string {
    const { host = "127.0.0.1" } = this.#options;
    return `http://${host}:${(this.#server.address() as { port: number }).port}`;
  }

  /** Jobs that nobody had it forget. */
  get jobs(): number {
    return this.#jobs.size;
  }

  add(gateway: SimulatedGateway): void {
    this.gateways.push(gateway);
    gateway.onUpload = (said) => this.#uploads.add(gateway.description.deviceId, said);
  }

  async open(): Promise<void> {
    const { host = "127.0.0.1", port = 0 } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, resolve);
    });
  }

  /** Pushes what gateways upload to somebody, again and again until it is taken. */
  monitor(monitor: Monitor): void {
    this.#uploads.push(monitor);
  }

  /** Resolves when all that was uploaded so far is taken, or has been offered once. */
  pushed(): Promise<void> {
    return this.#uploads.settled();
  }

  async close(): Promise<void> {
    for (const gateway of this.gateways) gateway.stop();
    this.#uploads.stop();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    const body = await readBody(request);
    const exchange = `${method} ${url} ${/<do_command[^>]*>\s*<(\w+)/.exec(body)?.[1] ?? ""}`.trim();
    this.exchanges.push(exchange);
    await this.onExchange(`before ${exchange}`);
    const wrong = this.misbehaviours.next(`${method} ${url} ${body}`);
    if (wrong && refuse(wrong, request, response)) return;
    if (!this.#isAllowed(request)) {
      reply(response, 401, formatElement(wsError("Authentication failed")));
      return;
    }
    const answer = this.#answer(method, new URL(url, "http://cloud"), body, wrong);
    await this.onExchange(`after ${exchange}`);
    if (wrong?.kind === "cut-after") request.socket.destroy();
    else if (wrong?.kind !== "silent-after") reply(response, answer.status, answer.body);
  }

  #isAllowed({ headers }: IncomingMessage): boolean {
    const { user, password } = this.#options;
    return headers.authorization === `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  }

  #answer(method: string, url: URL, body: string, wrong: Misbehaviour | undefined): { status: number; body: string } {
    const found = (element: RpcElement, status = 200) => ({ status, body: formatElement(element) });
    const jobId = /^\/ws\/sci\/(\d+)$/.exec(url.pathname)?.[1];
    if (jobId) {
      const job = this.#jobs.get(jobId);
      if (!job) return found(wsError("No such job"), 404);
      if (method === "DELETE") this.#jobs.delete(jobId);
      return found(method === "DELETE" ? node("result", {}, leaf("message", "1 items deleted")) : job);
    }
    if (url.pathname === "/ws/sci" && method === "POST") {
      const root = parseElement(body);
      const update = readFirmwareUpdate(root);
      return found(update ? this.#updateFirmware(update) : this.#sci(root, wrong));
    }
    if (url.pathname === "/ws/sci" && method === "GET") return found(this.#listJobs());
    if (url.pathname === "/ws/DeviceCore" && method === "GET") return found(this.#deviceCore(url));
    return found(wsError("Not found"), 404);
  }

  #sci(root: RpcElement, wrong: Misbehaviour | undefined): RpcElement {
    const request = readSciRequest(root);
    const devices = request.deviceIds.map((id) => this.#deviceReply(id, request, wrong));
    const reply = (...more: (RpcElement | undefined)[]) =>
      node("sci_reply", { version: "1.0" }, ...more, node("send_message", {}, ...devices));
    const isUnknown = !request.deviceIds.some((id) => this.#find(id));
    const noTarget = isUnknown ? node("error", {}, leaf("desc", "No valid targets found")) : undefined;
    if (request.isSynchronous) return reply(noTarget);
    const jobId = String(++this.#lastJob);
    this.#jobs.set(jobId, reply(leaf("status", "complete"), noTarget));
    return node("sci_reply", { version: "1.0" }, node("send_message", {}, leaf("jobId", jobId)));
  }

  /** Says of each gateway that the image is on its way, and no more. */
  #updateFirmware({ deviceIds, data }: NonNullable<ReturnType<typeof readFirmwareUpdate>>): RpcElement {
    const devices = deviceIds.map((id) => {
      const gateway = this.#find(id);
      const refusal = (number: string, text: string) =>
        node("device", { id }, node("error", { id: number }, leaf("desc", text)));
      if (!gateway) return refusal("303", "Invalid target. Device not found.");
      if (!gateway.isConnected) return refusal("2001", "Device Not Connected");
      gateway.update(Buffer.from(data, "base64"));
      return node("device", { id }, leaf("submitted", ""));
    });
    return node("sci_reply", { version: "1.0" }, node("update_firmware", {}, ...devices));
  }

  #find(deviceId: string): SimulatedGateway | undefined {
    return this.gateways.find(({ description }) => description.deviceId === deviceId);
  }

  #deviceReply(id: string, request: ReceivedSciRequest, wrong: Misbehaviour | undefined): RpcElement {
    const gateway = this.#find(id);
    const error = (number: string, text: string) => node("error", { id: number }, leaf("desc", text));
    if (!gateway) return node("device", { id }, error("303", "Invalid target. Device not found."));
    if (!gateway.isConnected || wrong?.kind === "offline") {
      return node("device", { id }, error("2001", "Device Not Connected"));
    }
    const { target } = request;
    const said = (remaining: number, ...elements: readonly RpcElement[]) => {
      const stamp = (gateway.schedule.nowMs() / 1000).toFixed(3);
      const responses = node("responses", { remaining: String(remaining), timestamp: stamp }, ...elements);
      return node("device", { id }, node("rci_reply", { version: "1.1" }, node("do_command", { target }, responses)));
    };
    if (target === "RPC_response") {
      const [first] = request.commands;
      const { elements, remaining } = gateway.takeBuffer(first ? limitOf(first) : 1);
      return said(remaining, ...elements);
    }
    return said(0, ...request.commands.flatMap((command) => this.#command(gateway, command, wrong)));
  }

  /** What is said at once to a command; the rest goes into the buffer. */
  #command(gateway: SimulatedGateway, command: RpcElement, wrong: Misbehaviour | undefined): RpcElement[] {
    const identifier = childText(command, "request_identifier");
    if (wrong?.kind === "refuse") return [gateway.stamped(messageElement(2, wrong.text, identifier))];
    const answer = execute(gateway, command);
    if (!isSynchronous(command)) {
      gateway.say(answer);
      return [];
    }
    switch (wrong?.kind) {
      case "late":
        gateway.schedule.after(wrong.delayMs, () => gateway.say(answer));
        return [gateway.stamped(messageElement(1, "Request timed out, response will be delivered later", identifier))];
      case "twice":
        gateway.say(answer);
        return [answer];
      case "for-another": {
        gateway.say(answer);
        const other = leaf("request_identifier", "00000000000000000000000000000000");
        const rest = answer.children.filter(({ name }) => name !== "request_identifier");
        return [{ ...answer, children: [other, ...rest] }];
      }
      default:
        return [answer];
    }
  }

  #listJobs(): RpcElement {
    const jobs = [...this.#jobs].map(([id]) =>
      node(
        "Job",
        {},
        leaf("jobId", id),
        leaf("jobStatus", 2),
        leaf("jobTargetCount", 1),
        leaf("jobProgressSuccess", 1),
      ),
    );
    const count = String(jobs.length);
    const paging = [leaf("resultTotalRows", count), leaf("requestedStartRow", 0), leaf("resultSize", count)];
    return node("result", {}, ...paging, leaf("remainingSize", 0), ...jobs);
  }

  #deviceCore({ searchParams }: URL): RpcElement {
    const wanted = /devConnectwareId='([0-9A-Fa-f-]+)'/.exec(searchParams.get("condition") ?? "")?.[1]?.toUpperCase();
    const gateways = this.gateways.filter(({ description }) => !wanted || description.deviceId === wanted);
    const devices = gateways.map(({ description, isConnected, firmware }) =>
      node(
        "DeviceCore",
        {},
        leaf("devConnectwareId", description.deviceId),
        leaf("devMac", description.mac.replace(/..(?!$)/g, "$&:")),
        leaf("dpConnectionStatus", isConnected ? 1 : 0),
        leaf("dpFirmwareLevelDesc", firmware),
      ),
    );
    return node("result", {}, leaf("resultTotalRows", devices.length), ...devices);
  }
}

/** What goes wrong before anything is done; false when it is something else. */
function refuse(wrong: Misbehaviour, request: IncomingMessage, response: ServerResponse): boolean {
  switch (wrong.kind) {
    case "status":
      response.writeHead(wrong.status, wrong.location === undefined ? {} : { location: wrong.location }).end();
      return true;
    case "cut-before":
      request.socket.destroy();
      return true;
    case "garbage":
      reply(response, 200, "<sci_reply><oops");
      return true;
    case "huge":
      reply(response, 200, `<sci_reply>${"x".repeat(wrong.octets)}</sci_reply>`);
      return true;
    case "silent":
      return true;
    default:
      return false;
  }
}

function wsError(message: string): RpcElement {
  return node("wsError", {}, node("error", {}, leaf("message", message)));
}

function reply(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/xml" }).end(`<?xml version="1.0"?>${body}`);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let octets = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    octets += part.length;
    if (octets > LARGEST_REQUEST) throw new SmartEnergyFormatError("the request is too long");
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
