import assert from "node:assert/strict";
import {
  CipherKeys,
  type ClientEvent,
  type ClientSecurity,
  DlmsClient,
  type DlmsClientOptions,
  DlmsServer,
  type DlmsServerOptions,
  InvocationCounter,
  type Link,
  type ServerAssociation,
  type ServerEvent,
  type ServiceRequest,
  type ServiceResponse,
  WrapperClientLink,
  WrapperServerLink,
} from "../../src/dlms/index.ts";
import { fromHex } from "../../src/lib/bytes.ts";

export const ENCRYPTION_KEY = fromHex("000102030405060708090A0B0C0D0E0F");
export const AUTHENTICATION_KEY = fromHex("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF");
export const KEYS = new CipherKeys(ENCRYPTION_KEY, AUTHENTICATION_KEY);
export const CLIENT_TITLE = fromHex("4D4D4D0000000001");
export const SERVER_TITLE = fromHex("4D4D4D0000BC614E");
export const CHALLENGE = fromHex("4B35366956616759CB12A4E0F0112233");
export const PASSWORD = fromHex("3132333435363738");

/** Bytes that count up, so that runs repeat. */
export function countingRandom(): { bytes(length: number): Uint8Array } {
  let next = 1;
  return { bytes: (length) => Uint8Array.from({ length }, () => next++ & 0xff) };
}

export type SecurityLevel = "none" | "lls" | "lls-ciphered" | "hls5";

type Form = "glo" | "general-glo" | "ded" | "general-ded";

export function clientSecurity(level: SecurityLevel, form: Form = "glo", firstCounter = 0): ClientSecurity {
  const dedicated = form === "ded" || form === "general-ded";
  const ciphering = {
    keys: KEYS,
    systemTitle: CLIENT_TITLE,
    invocationCounter: new InvocationCounter(firstCounter),
    form,
    ...(dedicated && { dedicatedKey: fromHex("A0A1A2A3A4A5A6A7A8A9AAABACADAEAF") }),
  };
  switch (level) {
    case "none":
      return { type: "none" };
    case "lls":
      return { type: "lls", password: PASSWORD };
    case "lls-ciphered":
      return { type: "lls", password: PASSWORD, ciphering };
    case "hls5":
      return { type: "hls5", challenge: CHALLENGE, ciphering };
  }
}

export function serverAssociation(level: SecurityLevel, more: Partial<ServerAssociation> = {}): ServerAssociation {
  const ciphering = { keys: KEYS, systemTitle: SERVER_TITLE, invocationCounter: new InvocationCounter(0) };
  const security: ServerAssociation["security"] =
    level === "none"
      ? { type: "none" }
      : level === "hls5"
        ? { type: "hls5", ciphering }
        : { type: "lls", password: PASSWORD, ...(level === "lls-ciphered" && { ciphering }) };
  return { security, ...more };
}

export interface SessionOptions {
  readonly client?: Partial<DlmsClientOptions>;
  readonly server?: Partial<DlmsServerOptions>;
  readonly association?: ServerAssociation;
  readonly answer?: (request: ServiceRequest) => ServiceResponse | undefined;
  /** Cuts octets as a transport may, or loses them. */
  readonly cut?: (bytes: Uint8Array, to: "client" | "server") => Iterable<Uint8Array>;
  readonly links?: { readonly client: Link; readonly server: Link };
}

/** A client and a server whose octets go from one to the other; runs until neither has anything to say. */
export class Session {
  readonly client: DlmsClient;
  readonly server: DlmsServer;
  readonly clientEvents: ClientEvent[] = [];
  readonly serverEvents: ServerEvent[] = [];
  /** Octets in both directions as they were sent. */
  readonly sent: { readonly from: "client" | "server"; readonly bytes: Uint8Array }[] = [];
  readonly #answer: (request: ServiceRequest) => ServiceResponse | undefined;
  readonly #cut: NonNullable<SessionOptions["cut"]>;

  constructor(options: SessionOptions = {}) {
    const links = options.links ?? {
      client: new WrapperClientLink({ client: 1, server: 1 }),
      server: new WrapperServerLink(),
    };
    this.client = new DlmsClient({ link: links.client, security: { type: "none" }, ...options.client });
    this.server = new DlmsServer({
      link: links.server,
      random: countingRandom(),
      association: () => options.association ?? serverAssociation("none"),
      ...options.server,
    });
    this.#answer = options.answer ?? (() => undefined);
    this.#cut = options.cut ?? ((bytes) => [bytes]);
  }

  run(): void {
    let busy = true;
    while (busy) {
      busy = false;
      for (let event = this.client.nextEvent(); event; event = this.client.nextEvent()) {
        busy = true;
        if (event.type === "send") this.#carry("client", event.bytes);
        else this.clientEvents.push(event);
      }
      for (let event = this.server.nextEvent(); event; event = this.server.nextEvent()) {
        busy = true;
        if (event.type === "send") this.#carry("server", event.bytes);
        else this.#onServerEvent(event);
      }
    }
  }

  connect(): this {
    this.client.connect();
    this.run();
    return this;
  }

  /** Makes a request and returns what became of it. */
  ask(request: ServiceRequest): ClientEvent | undefined {
    this.client.request(request);
    const before = this.clientEvents.length;
    this.run();
    return this.clientEvents[before];
  }

  /** The same, for requests that must be answered. */
  response(request: ServiceRequest): ServiceResponse {
    const event = this.ask(request);
    assert.ok(event?.type === "response", `the client ended with ${JSON.stringify(event)}`);
    return event.response;
  }

  #onServerEvent(event: ServerEvent): void {
    this.serverEvents.push(event);
    if (event.type !== "request") return;
    const response = this.#answer(event.request);
    if (response) this.server.respond(response);
  }

  #carry(from: "client" | "server", bytes: Uint8Array): void {
    this.sent.push({ from, bytes });
    const to = from === "client" ? "server" : "client";
    for (const part of this.#cut(bytes, to)) this[to].receive(part);
  }
}
