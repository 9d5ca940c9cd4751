import { timingSafeEqual } from "node:crypto";
import { listening, type Task } from "../../domain/task.ts";
import { type Clock, type Elapsed, since } from "../../lib/clock.ts";
import { sha256Hex } from "../../lib/sha256.ts";
import { type CloudDeviceId, parseDeviceId } from "../../smart-energy/device-id.ts";
import { childNamed, childText, parseElement, type RpcElement } from "../../smart-energy/element.ts";
import { SmartEnergyFormatError } from "../../smart-energy/errors.ts";
import { listenHttp, type ReceivedRequest } from "../../transport/http-listener.ts";
import type { AccountParts } from "./accounts.ts";
import { type Gateway, PUSH_PASSWORD } from "./device.ts";
import type { GatewayDirectory } from "./directory.ts";
import type { Inbox } from "./inbox.ts";

export interface PushReceiverParts extends AccountParts {
  readonly host: string;
  readonly port: number;
  readonly clock: Clock;
  readonly directory: GatewayDirectory;
  readonly inbox: Inbox;
  readonly logger: { warn(context: Record<string, unknown>, text: string): void };
}

/** A hundred messages in a push, none of a file that is longer than 120 kB. */
const LIMITS = { mostOctets: 16 * 1024 * 1024, requestTimeoutMs: 30_000, connections: 64 };
/** How long a password is remembered, so that the record of who reads secrets has one line for a flood of pushes. */
const REMEMBERED_MS = 300_000;

/** A file that a gateway uploaded. */
interface PushedFile {
  readonly deviceId: CloudDeviceId;
  readonly element: RpcElement;
}

/** Takes what HTTP monitors of the cloud push. It is acknowledged when it is durable; until then it is pushed again. */
export function pushReceiver(parts: PushReceiverParts): Task {
  const receiver = new PushReceiver(parts);
  return listening("pushes of Device Cloud", () =>
    listenHttp(parts.host, parts.port, LIMITS, (request) => receiver.receive(request)),
  );
}

class PushReceiver {
  readonly #parts: PushReceiverParts;
  /** Hashes of passwords, by gateway. */
  readonly #remembered = new Map<string, { readonly hash: string; readonly at: Elapsed }>();

  constructor(parts: PushReceiverParts) {
    this.#parts = parts;
  }

  /** @returns an HTTP status: 200 when all of it is durable */
  async receive({ method, headers, body, source }: ReceivedRequest): Promise<number> {
    const { logger, inbox, directory } = this.#parts;
    if (method !== "PUT" && method !== "POST") return 405;
    const given = credentialsIn(headers.authorization);
    if (!given) return 401;
    let files: readonly PushedFile[];
    try {
      files = filesIn(body.toString("utf8"), (text) => logger.warn({ source }, text));
    } catch (error) {
      if (!(error instanceof SmartEnergyFormatError)) throw error;
      logger.warn({ source }, `a push could not be read: ${error.message}`);
      return 400;
    }
    const known = await Promise.all(files.map(({ deviceId }) => directory.find(deviceId)));
    const senders = new Map(known.flatMap((gateway) => (gateway ? [[gateway.identification, gateway] as const] : [])));
    if (senders.size === 0 && files.length > 0) {
      // Whose gateways are not here has no way to prove anything.
      logger.warn({ source }, "a push of gateways that are not known");
      return 401;
    }
    for (const gateway of senders.values()) {
      if (await this.#isProved(gateway, given)) continue;
      logger.warn({ source, device: gateway.identification }, "a push with a wrong password");
      return 401;
    }
    for (const [i, { deviceId, element }] of files.entries()) {
      if (known[i]) await inbox.deliver(deviceId, [element], source);
    }
    return 200;
  }

  async #isProved({ identification, smartEnergy }: Gateway, given: { user: string; hash: string }): Promise<boolean> {
    const expected = await this.#passwordHash(identification);
    if (expected === undefined || given.user !== smartEnergy.user) return false;
    return timingSafeEqual(Buffer.from(expected), Buffer.from(given.hash));
  }

  async #passwordHash(identification: string): Promise<string | undefined> {
    const { vault, clock } = this.#parts;
    const known = this.#remembered.get(identification);
    if (known && since(clock, known.at) < REMEMBERED_MS) return known.hash;
    const password = await vault.getActive(identification, PUSH_PASSWORD, { purpose: "pushes of Device Cloud" });
    if (!password) return undefined;
    const hash = sha256Hex(password);
    this.#remembered.set(identification, { hash, at: clock.elapsed() });
    return hash;
  }
}

function credentialsIn(header: string | string[] | undefined): { user: string; hash: string } | undefined {
  const [, encoded] = /^Basic ([A-Za-z0-9+/=]{1,400})$/i.exec(typeof header === "string" ? header : "") ?? [];
  const text = encoded === undefined ? "" : Buffer.from(encoded, "base64").toString("latin1");
  const colon = text.indexOf(":");
  if (colon < 0) return undefined;
  return { user: text.slice(0, colon), hash: sha256Hex(Buffer.from(text.slice(colon + 1), "latin1")) };
}

/** Where the name of the gateway is in the path of its file. */
const DEVICE_ID = /([0-9A-Fa-f]{8}-){3}[0-9A-Fa-f]{8}/;

/**
 * The files in a push (monitor of FileData, format xml).
 * @throws SmartEnergyFormatError when the push itself cannot be read; a file that cannot is left out
 */
function filesIn(text: string, complain: (text: string) => void): PushedFile[] {
  const document = parseElement(text);
  if (document.name !== "Document")
    throw new SmartEnergyFormatError(`${document.name.slice(0, 50)} in place of Document`);
  return document.children.flatMap((message) => {
    const file = childNamed(message, "FileData");
    const path = childText(file ? (childNamed(file, "id") ?? file) : message, "fdPath") ?? "";
    const deviceId = parseDeviceId(DEVICE_ID.exec(path)?.[0] ?? "");
    const data = file && childText(file, "fdData");
    if (!file || !deviceId || !data || message.attributes.operation === "DELETION") return [];
    try {
      return [{ deviceId, element: parseElement(Buffer.from(data, "base64").toString("utf8")) }];
    } catch (error) {
      if (!(error instanceof SmartEnergyFormatError)) throw error;
      complain(`a file that ${deviceId} uploaded could not be read: ${error.message}`);
      return [];
    }
  });
}
