import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newAuthority, revocationList } from "../../src/certificates/authority.ts";
import { DEMO_METERS } from "../../src/cli/demo-fleet.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { AUTHORITY, issue, SERVER, wanted } from "../certificates/authority.ts";
import { startWorld, type World } from "./harness.ts";

export type Identity = typeof AUTHORITY;

export const METER = "TEST1024000000001";
/** Of `signing-org`. */
export const SIGNED_METER = "TEST1051000000001";
export const GAS_METER = "TESTG102700000001";
const METERS: readonly string[] = [METER, SIGNED_METER, "TEST1027000000001"];
const PATH = "/osgp-adapter-ws-smartmetering/smartMetering";

/** An answer over HTTP. */
export interface Heard {
  readonly status: number;
  readonly text: string;
  readonly retryAfter: string | undefined;
}

export interface Sending {
  readonly service?: string;
  readonly headers?: Record<string, string>;
  /** In place of that of the organisation in the message. */
  readonly identity?: Identity | undefined;
}

const COMMON = "http://www.opensmartgridplatform.org/schemas/common/2014/10";
const SCHEMAS = "http://www.opensmartgridplatform.org/schemas/smartmetering";

/** A message with the three headers, more of them, and a body; `sm` is the prefix of its service's elements. */
export function message(organisation: string, body: string, { service = "configuration", more = "" } = {}): string {
  return (
    `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:com="${COMMON}" ` +
    `xmlns:sm="${SCHEMAS}/sm-${service}/2014/10"><soapenv:Header>` +
    `<com:OrganisationIdentification>${organisation}</com:OrganisationIdentification><com:UserName>u</com:UserName>` +
    `<com:ApplicationName>ERP</com:ApplicationName>${more}</soapenv:Header><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`
  );
}

/** A request about a device that has nothing but its identification. */
export function about(organisation: string, device: string, operation = "GetFirmwareVersion", more = ""): string {
  const body = `<sm:${operation}Request><sm:DeviceIdentification>${device}</sm:DeviceIdentification></sm:${operation}Request>`;
  return message(organisation, body, { more });
}

/** Fetches the result of `about`. */
export function fetching(organisation: string, device: string, uid: string): string {
  const body =
    `<sm:GetFirmwareVersionAsyncRequest><com:DeviceIdentification>${device}</com:DeviceIdentification>` +
    `<com:CorrelationUid>${uid}</com:CorrelationUid></sm:GetFirmwareVersionAsyncRequest>`;
  return message(organisation, body);
}

/** The service over mutual TLS, several organisations with their certificates, and whoever attacks it. */
export class AttackWorld {
  readonly #directory = mkdtempSync(join(tmpdir(), "metergate-attacks-"));
  readonly identities = new Map(
    ["test-org", "other-org", "signing-org", "flood-org", "unknown-org", "gas-org", "reader-org"].map(
      (name) => [name, issue(name)] as const,
    ),
  );
  readonly revoked = issue("test-org");
  readonly stranger = newAuthority(wanted("Stranger"), systemRandom);
  readonly namesake = newAuthority(wanted("Test authority"), systemRandom);
  readonly #agents = new Map<string, Agent>();
  world!: World;

  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const nowMs = Date.now();
    const list = { number: 1, thisUpdateMs: nowMs, nextUpdateMs: nowMs + 86_400_000 };
    const meters = DEMO_METERS.filter(({ identification = "" }) => METERS.includes(identification));
    const settings = {
      METERGATE_PLAIN_HTTP: "false",
      METERGATE_TLS_CERTIFICATE_FILE: this.#file("server.pem", SERVER.certificate),
      METERGATE_TLS_KEY_FILE: this.#file("server-key.pem", SERVER.key),
      METERGATE_TLS_AUTHORITIES_FILE: this.#file("ca.pem", AUTHORITY.certificate),
      METERGATE_TLS_REVOCATION_FILE: this.#file("crl.pem", revocationList(AUTHORITY, [this.revoked.certificate], list)),
      METERGATE_USERNAME_TOKENS: "true",
      ...more,
    };
    this.world = await startWorld(settings, { meters });
    const { organisations } = this.world.service.store;
    for (const identification of this.identities.keys()) {
      if (identification === "unknown-org" || identification === "test-org") continue;
      const limits = identification === "flood-org" ? { messagesPerSecond: 5 } : {};
      const signed = identification === "signing-org" ? { signed: true as const } : {};
      await organisations.add({ identification, enabled: true, ...limits, ...signed }, []);
    }
    const grant = (device: string, organisation: string, functionGroup: "OWNER" | "MONITORING") =>
      organisations.grant({ device, organisation, functionGroup }, []);
    await grant(SIGNED_METER, "signing-org", "OWNER");
    await grant(METER, "reader-org", "MONITORING");
    await grant(GAS_METER, "gas-org", "OWNER");
  }

  async stop(): Promise<void> {
    for (const agent of this.#agents.values()) agent.destroy();
    await this.world.stop();
    rmSync(this.#directory, { recursive: true });
  }

  #file(name: string, content: string): string {
    const file = join(this.#directory, name);
    writeFileSync(file, content, { mode: 0o600 });
    return file;
  }

  /** Sends a message with the certificate of the organisation that it names, unless told otherwise. */
  send(
    body: string | Uint8Array,
    { service = "configuration", headers = {}, ...others }: Sending = {},
  ): Promise<Heard> {
    const [, organisation = ""] =
      /OrganisationIdentification>([^<]*)</.exec(Buffer.from(body).toString("latin1")) ?? [];
    const identity = "identity" in others ? others.identity : this.identities.get(organisation);
    const agent = this.#agentOf(identity);
    const { port } = new URL(this.world.service.baseUrl);
    return new Promise((resolve, reject) => {
      const options = {
        ...{ host: "127.0.0.1", port, method: "POST", path: `${PATH}/${service}Service/`, agent },
        headers: { "content-type": "text/xml; charset=utf-8", ...headers },
      };
      request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString(),
            retryAfter: response.headers["retry-after"],
          }),
        );
      })
        .on("error", reject)
        .end(body);
    });
  }

  /** Connections are kept by certificate: handshakes take most of the time of a test. */
  #agentOf(identity: Identity | undefined): Agent {
    const name = identity?.certificate ?? "";
    const known = this.#agents.get(name);
    if (known) return known;
    const agent = new Agent({
      ...{ keepAlive: true, ca: AUTHORITY.certificate },
      ...(identity && { cert: identity.certificate, key: identity.key }),
    });
    this.#agents.set(name, agent);
    return agent;
  }

  /** Sends a request that is taken, and gives its correlation UID. */
  async accept(body: string, sending: Sending = {}): Promise<string> {
    const { text } = await this.send(body, sending);
    const uid = /<\w+:CorrelationUid[^>]*>([^<]*)</.exec(text)?.[1];
    if (uid === undefined) throw new RangeError(`not accepted: ${text}`);
    return uid;
  }

  /** Waits until a request has ended, and gives the answer of a fetch. */
  async result(organisation: string, device: string, uid: string): Promise<Heard> {
    for (;;) {
      const stored = await this.world.service.store.requests.find(uid);
      if (stored?.finishedMs !== undefined) return this.send(fetching(organisation, device, uid));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** What is tried, and the fault that it ends in. */
export interface Attack {
  readonly what: string;
  readonly by: (world: AttackWorld) => Promise<Heard>;
  readonly fault: RegExp;
  readonly status?: number;
}

/** Year 2100: taken now, run never. */
export const NEVER = "<com:ScheduleTime>4102444800000</com:ScheduleTime>";
/** What an organisation may ask. */
export const OWN = about("test-org", METER, "GetFirmwareVersion", NEVER);
