import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import type { PushedAlarm } from "../../src/contract/operations/push-notification-alarm.ts";
import type { SystemEvent } from "../../src/contract/operations/system-event.ts";
import type { Device } from "../../src/domain/device.ts";
import { MetergateError } from "../../src/domain/errors.ts";
import type { Organisation } from "../../src/domain/organisation.ts";
import type { ActionOutcome, RequestOutcome } from "../../src/domain/request.ts";
import { openHttpHost } from "../../src/http/host.ts";
import type { Peer } from "../../src/http/peers.ts";
import { Trust } from "../../src/http/trust.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import type { LogEntry } from "../../src/message-log/message-log.ts";
import type { AcceptInput } from "../../src/requests/accept.ts";
import type { DeletionInput, FetchInput } from "../../src/requests/results.ts";
import { createSoapApp, type SoapDeps } from "../../src/soap/app.ts";
import { Security } from "../../src/soap/security/security.ts";
import type { AnswerSigner } from "../../src/soap/security/sign-answer.ts";
import { DECLARATIONS } from "../operations/services.ts";

export const CONFIGURATION = "/osgp-adapter-ws-smartmetering/smartMetering/configurationService/";
export const ADHOC = "/osgp-adapter-ws-smartmetering/smartMetering/adhocService/";
export const BUNDLE = "/osgp-adapter-ws-smartmetering/smartMetering/bundleService/";
export const COMMON = "/osgp-adapter-ws-smartmetering/smartMetering/commonService/";
export const NS = {
  common: "http://www.opensmartgridplatform.org/schemas/common/2014/10",
  configuration: "http://www.opensmartgridplatform.org/schemas/smartmetering/sm-configuration/2014/10",
  adhoc: "http://www.opensmartgridplatform.org/schemas/smartmetering/sm-adhoc/2014/10",
  smCommon: "http://www.opensmartgridplatform.org/schemas/smartmetering/sm-common/2014/10",
} as const;
export const DEVICE = "TEST1024000000001";

export const HEADERS =
  "<c:OrganisationIdentification>test-org</c:OrganisationIdentification>" +
  "<c:UserName>tester</c:UserName><c:ApplicationName>ERP</c:ApplicationName>";

/** An envelope with the three headers; `body` may use the prefix c (common) and those of services. */
export function envelope(body: string, headers = HEADERS): string {
  return (
    `<?xml version="1.0"?><E:Envelope xmlns:E="http://schemas.xmlsoap.org/soap/envelope/" xmlns:c="${NS.common}" ` +
    `${DECLARATIONS}><E:Header>${headers}</E:Header><E:Body>${body}</E:Body></E:Envelope>`
  );
}

export const GET_FIRMWARE_VERSION = envelope(
  `<s:GetFirmwareVersionRequest><s:DeviceIdentification>${DEVICE}</s:DeviceIdentification></s:GetFirmwareVersionRequest>`,
);

/** The asynchronous request that fetches a result. */
export function fetchEnvelope(element: string, correlationUid: string, device = DEVICE): string {
  return envelope(
    `<${element}><c:DeviceIdentification>${device}</c:DeviceIdentification>` +
      `<c:CorrelationUid>${correlationUid}</c:CorrelationUid></${element}>`,
  );
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Requests and message log in memory. */
export class FakePorts {
  readonly accepted: AcceptInput[] = [];
  readonly logged: LogEntry[] = [];
  readonly deleted: string[] = [];
  readonly errors: { context: Readonly<Record<string, unknown>>; text: string }[] = [];
  readonly warnings: { context: Readonly<Record<string, unknown>>; text: string }[] = [];
  /** What fetching gives, by correlation UID. */
  readonly outcomes = new Map<string, RequestOutcome>();
  alarm: PushedAlarm | undefined;
  /** What GetDevices lists. */
  devices: readonly Device[] = [];
  systemEvent: SystemEvent | undefined;
  /** Runs before each accept; may throw or wait. */
  beforeAccept: (input: AcceptInput) => unknown = () => {};
  beforeLog: () => unknown = () => {};

  readonly requests = {
    accept: async (input: AcceptInput) => {
      await this.beforeAccept(input);
      this.accepted.push(input);
      const correlationUid = `${input.caller.organisation}|||${input.device}|||${this.accepted.length}`;
      return { correlationUid, response: input.respond(correlationUid) };
    },
    fetch: async ({ correlationUid }: FetchInput) => {
      const outcome = this.outcomes.get(correlationUid);
      if (!outcome) throw new MetergateError("UNKNOWN_CORRELATION_UID", "No request has this correlation UID");
      return outcome;
    },
    fetchBundle: async ({ correlationUid }: Omit<FetchInput, "operation">) => {
      const outcome = this.outcomes.get(correlationUid);
      const actions = this.accepted.at(-1)?.actions;
      if (!actions || !outcome || "error" in outcome) {
        throw new MetergateError("UNKNOWN_CORRELATION_UID", "No request has this correlation UID");
      }
      async function* outcomes(all: readonly ActionOutcome[]) {
        for (const [position, outcome] of all.entries()) yield { position, outcome };
      }
      return { actions, outcomes: outcomes(outcome.actions) };
    },
    fetchAlarm: async () => {
      if (!this.alarm) throw new MetergateError("UNKNOWN_CORRELATION_UID", "No alarm has this correlation UID");
      return this.alarm;
    },
    listDevices: async ({ page }: { readonly page: number }) => ({ pages: page + 1, devices: this.devices }),
    fetchSystemEvent: async () => {
      if (!this.systemEvent) throw new MetergateError("UNKNOWN_CORRELATION_UID", "No event has this correlation UID");
      return this.systemEvent;
    },
    deleteResponseData: async ({ correlationUid, entries }: DeletionInput) => {
      if (!this.outcomes.delete(correlationUid)) throw new MetergateError("UNKNOWN_CORRELATION_UID", "unknown");
      this.deleted.push(correlationUid);
      this.logged.push(...entries);
    },
  };

  readonly messageLog = {
    append: async (...entries: readonly LogEntry[]) => {
      await this.beforeLog();
      this.logged.push(...entries);
    },
  };

  /** What is known of organisations besides their names. */
  readonly organisations = new Map<string, Organisation>();
  peer: Peer = { kind: "anybody" };
  /** Keys of messages that came. */
  readonly remembered = new Set<string>();
  trust = new Trust([], []);
  signer: AnswerSigner | undefined;
  usernameTokens = false;

  security(clock: Clock): Security {
    const ports = this;
    return new Security({
      ...{ clock, callerNameIn: "cn" },
      credentials: {
        get trust() {
          return ports.trust;
        },
        get signer() {
          return ports.signer;
        },
      },
      get usernameTokens() {
        return ports.usernameTokens;
      },
      passwordOf: async (organisation, user) => (user === "clerk" ? `secret of ${organisation}` : undefined),
      remember: async (key) => !this.remembered.has(key) && this.remembered.add(key) !== undefined,
    });
  }

  readonly callers = {
    isOrganisationKnown: async (organisation: string) => organisation === "test-org",
    admit: async (organisation: string): Promise<Organisation | undefined> => this.organisations.get(organisation),
  };

  readonly debugs: { context: Readonly<Record<string, unknown>>; text: string }[] = [];
  readonly logger = {
    debug: (context: Readonly<Record<string, unknown>>, text: string) => void this.debugs.push({ context, text }),
    warn: (context: Readonly<Record<string, unknown>>, text: string) => void this.warnings.push({ context, text }),
    error: (context: Readonly<Record<string, unknown>>, text: string) => void this.errors.push({ context, text }),
  };
}

/** The SOAP front on a port of its own, and a client for it. */
export class SoapServer {
  readonly ports: FakePorts;
  readonly url: string;
  readonly port: number;
  readonly #close: () => Promise<void>;

  constructor(port: number, url: string, ports: FakePorts, close: () => Promise<void>) {
    this.port = port;
    this.url = url;
    this.ports = ports;
    this.#close = close;
  }

  static async start(options: Partial<SoapDeps> & { clock?: Clock } = {}): Promise<SoapServer> {
    const ports = new FakePorts();
    const { requests, messageLog, callers, logger } = ports;
    const clock = options.clock ?? systemClock;
    let url = "";
    const app = createSoapApp({
      peers: { of: () => ports.peer },
      security: ports.security(clock),
      ...{ requests, messageLog, callers, logger, clock },
      publicUrl: () => url,
      maxBodyBytes: 1_048_576,
      validateResponses: true,
      ...options,
    });
    const host = await openHttpHost({ host: "127.0.0.1", port: 0, clock, logger, apps: [app] });
    url = `http://127.0.0.1:${host.port}`;
    return new SoapServer(host.port, url, ports, async () => {
      await host.close();
      await app.close();
    });
  }

  stop(): Promise<void> {
    return this.#close();
  }

  send(
    method: string,
    path: string,
    body?: string | Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: "127.0.0.1", port: this.port, method, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      });
      request.on("error", reject);
      request.end(body);
    });
  }

  post(body: string | Uint8Array, { path = CONFIGURATION, ...headers }: Record<string, string> = {}): Promise<Answer> {
    return this.send("POST", path, body, { "content-type": "text/xml; charset=utf-8", soapaction: '""', ...headers });
  }

  get(path: string): Promise<Answer> {
    return this.send("GET", path);
  }
}
