import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { CosemData } from "../../../src/dlms/data.ts";
import { HdlcApduLink } from "../../../src/dlms/hdlc-apdu-link.ts";
import { InvocationCounter } from "../../../src/dlms/invocation-counter.ts";
import { CipherKeys } from "../../../src/dlms/security.ts";
import { DlmsServer } from "../../../src/dlms/server.ts";
import type {
  DlmsServerOptions,
  ServerAssociation,
  ServerCiphering,
  ServerHooks,
} from "../../../src/dlms/server-options.ts";
import type { ServiceRequest, ServiceResponse } from "../../../src/dlms/services.ts";
import { WrapperServerLink } from "../../../src/dlms/wrapper.ts";
import { fromHex } from "../../../src/lib/bytes.ts";
import { type ObisCode, parseObis } from "../../../src/lib/obis.ts";
import { systemRandom } from "../../../src/lib/random.ts";

export const ENCRYPTION_KEY = fromHex("000102030405060708090A0B0C0D0E0F");
export const AUTHENTICATION_KEY = fromHex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
export const PASSWORD = new Uint8Array(Buffer.from("11111111"));
const SYSTEM_TITLE = fromHex("4D45544552303031");
const PUBLIC_CLIENT = 16;

/** Instead of a response: an exception-response, nothing, or the end of the connection. */
export type Answer = ServiceResponse | { readonly refuse: readonly [number, number] } | "silence" | "hang up";

/** What a served meter does otherwise than a plain one with HLS5. */
export interface ServedMeterOptions {
  readonly security?: "none" | "lls" | "hls5";
  /** What the public client is let in with; nothing by default. */
  readonly publicSecurity?: "none" | "lls";
  readonly ciphering?: Partial<ServerCiphering>;
  readonly association?: Partial<Omit<ServerAssociation, "security">>;
  readonly hooks?: ServerHooks;
  readonly hdlc?: boolean;
  /** Octets that go out at once; all of them by default. */
  readonly pieceLength?: number;
  /** Answers requests; by default from `attributes`. */
  readonly answer?: (request: ServiceRequest, meter: ServedMeter) => Answer;
  /** Sees each connection, counted from 1, before anything else; true takes it over. */
  readonly connection?: (socket: Socket, number: number) => boolean;
}

const keyOf = (classId: number, logicalName: ObisCode, attribute: number) => `${classId}/${logicalName}/${attribute}`;

/** The library's server behind a TCP port, with attributes in a map. */
export class ServedMeter {
  readonly port: number;
  /** Values by class, logical name and attribute; only these can be read or written. */
  readonly attributes = new Map<string, CosemData>();
  readonly requests: ServiceRequest[] = [];
  /** Client SAP of each association, in order. */
  readonly clients: number[] = [];
  connections = 0;
  readonly #close: () => Promise<void>;

  constructor(port: number, close: () => Promise<void>) {
    this.port = port;
    this.#close = close;
  }

  put(classId: number, logicalName: string, attribute: number, value: CosemData): void {
    this.attributes.set(keyOf(classId, parseObis(logicalName), attribute), value);
  }

  value(classId: number, logicalName: string, attribute: number): CosemData | undefined {
    return this.attributes.get(keyOf(classId, parseObis(logicalName), attribute));
  }

  /** As a meter that has just these attributes and every method. */
  plainAnswer(request: ServiceRequest): ServiceResponse {
    switch (request.type) {
      case "get":
        return {
          type: "get",
          results: request.attributes.map(({ classId, logicalName, attribute }) => {
            const data = this.attributes.get(keyOf(classId, logicalName, attribute));
            return data ? { data } : { error: "object-undefined" };
          }),
        };
      case "set":
        return {
          type: "set",
          results: request.attributes.map(({ classId, logicalName, attribute }, i) => {
            const key = keyOf(classId, logicalName, attribute);
            if (!this.attributes.has(key)) return "read-write-denied";
            this.attributes.set(key, request.values[i]!);
            return "success";
          }),
        };
      case "action":
        return { type: "action", results: request.methods.map(() => ({ result: "success" })) };
      default:
        throw new RangeError(`a test answers ${request.type} itself`);
    }
  }

  close(): Promise<void> {
    return this.#close();
  }
}

function associationOf(options: ServedMeterOptions, client: number): ServerAssociation {
  const ciphering: ServerCiphering = {
    keys: new CipherKeys(ENCRYPTION_KEY, AUTHENTICATION_KEY),
    systemTitle: SYSTEM_TITLE,
    invocationCounter: new InvocationCounter(0),
    ...options.ciphering,
  };
  const level = client === PUBLIC_CLIENT ? (options.publicSecurity ?? "none") : (options.security ?? "hls5");
  const security =
    level === "none"
      ? ({ type: "none" } as const)
      : level === "lls"
        ? ({ type: "lls", password: PASSWORD, ciphering } as const)
        : ({ type: "hls5", ciphering } as const);
  return { ...options.association, security };
}

/** Serves one connection, as a test wants it. */
function serve(socket: Socket, options: ServedMeterOptions, meter: ServedMeter): void {
  const serverOptions: DlmsServerOptions = {
    link: options.hdlc ? new HdlcApduLink({ role: "server" }) : new WrapperServerLink(),
    random: systemRandom,
    association: (client) => associationOf(options, client),
    ...(options.hooks && { hooks: options.hooks }),
  };
  const server = new DlmsServer(serverOptions);
  const send = (octets: Uint8Array) => {
    const length = options.pieceLength ?? octets.length;
    for (let at = 0; at < octets.length; at += length) socket.write(octets.subarray(at, at + length));
  };
  const answer = (request: ServiceRequest) => {
    meter.requests.push(request);
    const given = options.answer ? options.answer(request, meter) : meter.plainAnswer(request);
    if (given === "silence") return;
    if (given === "hang up") socket.destroy();
    else if ("refuse" in given) server.refuse(...given.refuse);
    else server.respond(given);
  };
  socket.on("data", (octets) => {
    server.receive(octets);
    for (let event = server.nextEvent(); event; event = server.nextEvent()) {
      if (event.type === "send") send(event.bytes);
      else if (event.type === "associated") meter.clients.push(event.client);
      else if (event.type === "request") answer(event.request);
    }
  });
}

/** Starts a meter on a free port of the loopback. */
export async function serveMeter(options: ServedMeterOptions = {}): Promise<ServedMeter> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.setNoDelay(true));
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    meter.connections++;
    if (!options.connection?.(socket, meter.connections)) serve(socket, options, meter);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const meter = new ServedMeter((server.address() as { port: number }).port, async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, "close");
  });
  return meter;
}
