import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { XmlDocument, type XmlElement } from "libxml2-wasm";
import { sealKey } from "../../src/devices/platform-keys.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { type Named, PUBLISHED_SCHEMAS, PUBLISHED_SERVICES, type PublishedService } from "../contract/published.ts";
import { type Fill, InstanceBuilder } from "../contract/published-instance.ts";
import { publishedIssues } from "../contract/published-xsd.ts";
import { HurriedClock, type World } from "./harness.ts";
import { VERSIONS } from "./matrix-expectations.ts";
import { startMatrixWorld } from "./matrix-world.ts";

const SOAP = "http://schemas.xmlsoap.org/soap/envelope/";
const COMMON = [...PUBLISHED_SCHEMAS.keys()].find((name) => name.endsWith("/common/2014/10"))!;
const [OTHER_METERS, METERS] = VERSIONS.slice(-2).map(({ meter, gasMeter }) => [meter, gasMeter] as const) as [
  readonly [string, string],
  readonly [string, string],
];

/** What a request asks for and how its result is fetched, by the names of published elements alone. */
interface Asked {
  readonly service: PublishedService;
  readonly request: Named;
  /** Undefined for what answers at once. */
  readonly fetch: Named | undefined;
}

/** Elements that the published XSDs have and no published service takes. */
const UNSERVED = new Set(["GetCommunicationNetworkInformationRequest"]);
/** With what the platform calls others. */
const OTHERS = new Set(["SendNotificationRequest"]);
/** What fetches something that nobody asked for. */
const TOLD = new Set(["GetSystemEventAsyncRequest", "GetPushNotificationAlarmAsyncRequest"]);

const ASKED: readonly Asked[] = PUBLISHED_SERVICES.flatMap((service) => {
  const namespace = service.operations.find(({ input }) => input)!.input!.namespace;
  const elements = [...PUBLISHED_SCHEMAS.get(namespace)!.elements.keys()];
  const requests = service.name.endsWith("Bundle")
    ? ["BundleRequest"]
    : elements.filter((name) => /Request$/.test(name) && !UNSERVED.has(name) && !OTHERS.has(name));
  return requests
    .filter((name) => !name.endsWith("AsyncRequest") || TOLD.has(name))
    .map((local) => {
      // The published schema spells one of them in two ways.
      const wanted = local.replace(/Request$/, "AsyncRequest").toLowerCase();
      const fetch = elements.find((name) => name.toLowerCase() === wanted);
      return { service, request: { namespace, local }, fetch: fetch ? { namespace, local: fetch } : undefined };
    });
});

/** Values of the elements of those names: the clock of a meter, and what else a caller knows. */
const VALUES: Readonly<Record<string, string>> = {
  ...{ ClassId: "8", Attribute: "2", AttributeIndex: "2", DataIndex: "0" },
  ...{ a: "0", b: "0", c: "1", d: "0", e: "0", f: "255" },
  ...{ From: "2026-01-01T00:00:00Z", BeginDate: "2026-01-01T00:00:00Z", ScheduleTime: "2099-01-01T00:00:00Z" },
  ...{ Page: "0", ProfileType: "PUBLIC", TimeZone: "Europe/Amsterdam", Timezone: "Europe/Amsterdam" },
  ...{ FirmwareIdentification: "MATRIX_1_0", SecretType: "G_METER_ENCRYPTION_KEY" },
  ...{ Protocol: "SMR", ProtocolVersion: "5.5", protocolName: "SMR", protocolVersion: "5.5" },
  ...{ Device_Identification: "TEST1055000000009", Device_type: "SMART_METER_E", overwrite: "true" },
  ...{ ChallengeLength: "16", WithListMax: "8", Port: "4059", Host: "127.0.0.1", IP_address: "127.0.0.1" },
  ...{ ActivatePassiveCalendarTime: "FFFFFFFFFFFFFFFFFF800000", SeasonStart: "FFFF0101FF00000000FFC400" },
  ...{ DeviceLifecycleStatus: "IN_USE", UseSn: "false", UseHdlc: "false" },
  ...{ StartTime: "06000000", ScriptSelector: "2", CalendarName: "SUMMER" },
};

/** What does not go together with the rest. */
const NOT_OF_A_METER = /^Mbus_|^Lls1|^Hls[34]|[vV]ariant$/;

/** What the schema allows and an operation cannot do anything with. */
const REFUSED: Readonly<Record<string, string>> = {
  "SetPushSetupAlarmRequest least": "SetPushSetupAlarm needs Host and Port, a PushObjectList, or both",
  "AddDeviceRequest least": "AddDevice needs Device_Identification",
};

/** Answers that hold a fault: what is taken away is taken away. */
const FAULTS: Readonly<Record<string, { readonly least?: string; readonly most?: string }>> = {
  BundleRequest: { most: "219" },
  CoupleMbusDeviceByChannelRequest: { least: "219", most: "219" },
};

interface Answer {
  readonly text: string;
  readonly issues: readonly string[];
  /** Text of the first element of that name. */
  first(name: string): string | undefined;
}

function readAnswer(text: string): Answer {
  const document = XmlDocument.fromString(text);
  try {
    const [payload] = document.find("/*/*[local-name()='Body']/*") as XmlElement[];
    const [detail] = payload!.find("detail/*") as XmlElement[];
    const leaves = new Map<string, string>();
    for (const node of (payload!.find(".//*") as XmlElement[]).reverse()) leaves.set(node.name, node.content);
    return {
      text,
      issues: publishedIssues(payload!.name === "Fault" ? detail! : payload!),
      first: (name) => leaves.get(name),
    };
  } finally {
    document.dispose();
  }
}

describe("a request that is built from the published schema alone", () => {
  let world: World;
  let platformKey: string;
  before(async () => {
    world = await startMatrixWorld({ METERGATE_RETRY_DELAY_MS: "1" }, { clock: new HurriedClock() });
    await arrange();
    platformKey = readFileSync(join(world.config.dataDir, "platform-public-key.pem"), "utf8");
  });
  after(() => world.stop());

  /** What there is to be fetched or deleted. */
  const known = { alarm: "", event: "", finished: [] as string[] };
  async function arrange(): Promise<void> {
    const { service } = world;
    const push = { format: "smr5", trigger: parseObis("0.1.25.9.0.255"), alarmRegisters: [2, 1] } as const;
    const target = { host: "127.0.0.1", port: service.listeners["pushes of DLMS meters"]!, transport: "tcp" } as const;
    await world.meter(METERS[0]).push(undefined, push, target);
    while (known.alarm === "") known.alarm = (await service.store.pushes.list(1))[0]?.correlationUid ?? "";
    known.event = "e".repeat(32);
    const type = "INVOCATION_COUNTER_THRESHOLD_REACHED";
    const event = { correlationUid: known.event, organisation: "test-org", device: METERS[0], type };
    await service.store.systemEvents.keepNew({ ...event, atMs: 0, reason: "it is near" }, 0, []);
  }

  /** What a caller knows of its devices, and what it wants of them; everything else is the schema's. */
  function fillFor(request: string): Fill {
    let season = 0;
    return (name, type, parent) => {
      const about = `${request} ${parent}`;
      // What is coupled and taken away is not what the other requests need.
      const [meter, gasMeter] = /ouple/.test(request) ? OTHER_METERS : METERS;
      const isOfGas = /Gas(?!p)|GMeter|KeyStatusRequest/.test(about);
      switch (name) {
        case "DeviceIdentification":
          return isOfGas ? gasMeter : meter;
        case "GatewayDeviceIdentification":
          return meter;
        case "MbusDeviceIdentification":
          return gasMeter;
        case "correlationUid":
          return known.finished.pop()!;
        case "CorrelationUid":
          return request.startsWith("GetSystemEvent") ? known.event : known.alarm;
        case "Channel":
          return /ouple/.test(parent) && request === "BundleRequest" ? "2" : "1";
        case "SeasonProfileName":
        case "WeekProfileName":
          return String(season++ >> 1);
      }
      if (NOT_OF_A_METER.test(name)) return null;
      if (type.local === "hexBinary" && /[Kk]ey|[Pp]assword/.test(name)) {
        return sealKey(platformKey, crypto.getRandomValues(new Uint8Array(16)));
      }
      return VALUES[name];
    };
  }

  async function post({ path }: PublishedService, content: string): Promise<Answer> {
    const header = ["OrganisationIdentification", "UserName", "ApplicationName"]
      .map((name) => `<c:${name}>${name === "OrganisationIdentification" ? "test-org" : "ERP"}</c:${name}>`)
      .join("");
    const response = await fetch(`${world.service.baseUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "text/xml; charset=utf-8", soapaction: '""' },
      body:
        `<s:Envelope xmlns:s="${SOAP}" xmlns:c="${COMMON}"><s:Header>${header}</s:Header>` +
        `<s:Body>${content}</s:Body></s:Envelope>`,
    });
    return readAnswer(await response.text());
  }

  for (const { service, request, fetch: fetching } of ASKED) {
    for (const amount of ["least", "most"] as const) {
      it(`${request.local} with the ${amount} it may hold is accepted, and so is its answer`, async () => {
        const builder = new InstanceBuilder(amount, fillFor(request.local));
        const accepted = await post(service, builder.build(request));
        const refusal = REFUSED[`${request.local} ${amount}`];
        assert.equal(accepted.first("InnerMessage"), refusal, accepted.text);
        assert.deepEqual(accepted.issues, [], accepted.text);
        if (!fetching || refusal) return;
        known.finished.push(accepted.first("CorrelationUid")!);
        const [device, uid] = [accepted.first("DeviceIdentification")!, accepted.first("CorrelationUid")!];
        const ticket = new InstanceBuilder(
          "most",
          (name) => ({ DeviceIdentification: device, CorrelationUid: uid })[name],
        );
        let answer = await post(service, ticket.build(fetching));
        while (answer.first("Code") === "405") answer = await post(service, ticket.build(fetching));
        assert.deepEqual(answer.issues, [], answer.text);
        assert.equal(answer.first("Code"), FAULTS[request.local]?.[amount], answer.text);
      });
    }
  }
});
