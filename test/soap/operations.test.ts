import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { Service } from "../../src/contract/codec.ts";
import { WIRE_FORMS } from "../../src/contract/operations/index.ts";
import { checkAction } from "../../src/operations/registry.ts";
import { SERVICES } from "../../src/soap/routes.ts";
import { isOffered, pathOf } from "../operations/services.ts";
import { DEVICE, envelope, fetchEnvelope, SoapServer } from "./harness.ts";
import { OPERATION_CASES, type OperationCase } from "./operation-cases.ts";

const UID = "u".repeat(20);

/** What the elements of an operation are called in front of Request and Response; mostly as the operation itself. */
function elementOf(operation: string): string {
  return /:(.*)Request$/.exec(WIRE_FORMS.get(operation)?.requestElement ?? "")?.[1] ?? operation;
}

/** The same of what its result is fetched with. */
function answeredWith(operation: string): string {
  const form = WIRE_FORMS.get(operation);
  return form?.requestElement ? form.responseElement.replace(/^.*:|Response$/g, "") : operation;
}

function requestOf({ operation, service, content = "", whole }: OperationCase): string {
  const inside = whole ?? `<$:DeviceIdentification>${DEVICE}</$:DeviceIdentification>${content}`;
  const element = `${elementOf(operation)}Request`;
  return envelope(`<$:${element}>${inside}</$:${element}>`.replaceAll("$:", `${service}:`));
}

/** The content of the body's only element without prefixes and attributes, for comparison by eye. */
function contentOf(text: string, element: string): string {
  const match = new RegExp(
    `<SOAP-ENV:Body><[\\w-]+:${element}( [^>]*)?>(.*)</[\\w-]+:${element}></SOAP-ENV:Body>`,
    "s",
  ).exec(text);
  assert.ok(match, text);
  return match[2]!.replace(/<(\/?)[\w-]+:(\w+)[^>]*?(\/?)>/g, "<$1$2$3>");
}

describe("operations of the contract", () => {
  let server: SoapServer;
  before(async () => {
    // Every answer below is checked against the schema by the server itself.
    server = await SoapServer.start({ validateResponses: true });
  });
  after(() => server.stop());

  it("are all here", () => {
    assert.deepEqual(OPERATION_CASES.map(({ operation }) => operation).sort(), [...WIRE_FORMS.keys()].sort());
  });

  const alone = OPERATION_CASES.filter(
    ({ operation }) => isOffered(operation) && WIRE_FORMS.get(operation)?.requestElement,
  );
  for (const one of alone) {
    const { operation, service, request, result, response, errorResponse } = one;
    const path = pathOf(service);
    const answered = answeredWith(operation);
    const fetch = () => server.post(fetchEnvelope(`${service}:${answered}AsyncRequest`, UID), { path });

    it(`${operation}: asks the device for what the request says`, async () => {
      const answer = await server.post(requestOf(one), { path });
      assert.equal(answer.status, 200, answer.text);
      const accepted = server.ports.accepted.at(-1)!;
      assert.deepEqual([accepted.operation, accepted.device], [operation, DEVICE]);
      assert.deepEqual(accepted.actions, [{ operation, request }]);
      for (const action of accepted.actions) checkAction(action);
      // What is stored as JSON must come back the same.
      assert.deepEqual(JSON.parse(JSON.stringify(accepted.actions)), accepted.actions);
    });

    it(`${operation}: shows the result`, async () => {
      server.ports.outcomes.set(UID, { actions: [{ ok: true, result }] });
      const answer = await fetch();
      assert.equal(answer.status, 200, answer.text);
      assert.equal(contentOf(answer.text, `${answered}Response`), response);
    });

    it(`${operation}: shows an error as ${errorResponse ? "NOT OK" : "a fault"}`, async () => {
      const error = { code: "UNABLE_TO_DECYPHER", message: "broken" } as const;
      for (const outcome of [{ error }, { actions: [{ ok: false, error }] }]) {
        server.ports.outcomes.set(UID, outcome as never);
        const answer = await fetch();
        assert.equal(answer.status, errorResponse ? 200 : 500);
        if (errorResponse) assert.equal(contentOf(answer.text, `${elementOf(operation)}Response`), errorResponse);
        else assert.match(answer.text, /Code>230<.*Message>UNABLE_TO_DECYPHER<.*InnerMessage>broken</);
      }
    });
  }

  it("include alarms that were pushed, which nobody asked for", async () => {
    const fetch = () => server.post(fetchEnvelope("s:GetPushNotificationAlarmAsyncRequest", UID));
    assert.match((await fetch()).text, /Code>405</);
    const alarms = ["REPLACE_BATTERY", "UNHEARD_OF", "LAST_GASP"];
    const push = { device: DEVICE, decodedMessage: "push & object", encodedMessage: Uint8Array.of(0, 255) };
    server.ports.alarm = { ...push, alarms };
    assert.equal(
      contentOf((await fetch()).text, "GetPushNotificationAlarmResponse"),
      "<Result>OK</Result><decodedMessage>push &amp; object</decodedMessage><encodedMessage>00FF</encodedMessage>" +
        "<alarm>REPLACE_BATTERY</alarm><alarm>LAST_GASP</alarm>",
    );
    const retrieval = envelope(
      `<o:RetrievePushNotificationAlarmRequest><o:CorrelationUid>${UID}</o:CorrelationUid>` +
        "</o:RetrievePushNotificationAlarmRequest>",
    );
    const retrieved = await server.post(retrieval, { path: pathOf("o") });
    assert.equal(
      contentOf(retrieved.text, "RetrievePushNotificationAlarmResponse"),
      `<DeviceIdentification>${DEVICE}</DeviceIdentification><AlarmRegister><AlarmTypes>REPLACE_BATTERY</AlarmTypes>` +
        "<AlarmTypes>LAST_GASP</AlarmTypes></AlarmRegister>",
    );
    server.ports.alarm = { ...push, alarms: ["UNHEARD_OF"] };
    assert.match((await fetch()).text, /TechnicalFault.*NOT_FOUND/);
  });

  it("include what the platform noticed, which nobody asked for either", async () => {
    const fetch = () => server.post(fetchEnvelope("o:GetSystemEventAsyncRequest", UID), { path: pathOf("o") });
    assert.match((await fetch()).text, /Code>405</);
    const type = "INVOCATION_COUNTER_THRESHOLD_REACHED";
    server.ports.systemEvent = { device: DEVICE, type, atMs: Date.UTC(2026, 0, 9, 13, 30, 5), reason: "2 < 3" };
    assert.equal(
      contentOf((await fetch()).text, "GetSystemEventResponse"),
      `<Timestamp>2026-01-09T13:30:05.000Z</Timestamp><SystemEventType>${type}</SystemEventType>` +
        `<DeviceIdentification>${DEVICE}</DeviceIdentification><Reason>2 &lt; 3</Reason>`,
    );
  });

  it("refuse numbers that a meter has no room for, naming the element", async () => {
    const refused = async (operation: string, from: string, to: string, text: RegExp) => {
      const one = OPERATION_CASES.find((each) => each.operation === operation)!;
      assert.ok(requestOf(one).includes(from));
      const answer = await server.post(requestOf(one).replace(from, to), { path: pathOf(one.service) });
      assert.equal(answer.status, 500);
      assert.match(answer.text, /<com:Code>401</);
      assert.match(answer.text, text);
    };
    await refused(
      "SetPushSetupSms",
      ">9598<",
      ">99999999999999999999<",
      /Port must be 1 to 65535, not 99999999999999999999/,
    );
    await refused("SetPushSetupSms", ">10.0.0.7<", ">me ter<", /Host must be/);
    await refused("GetSpecificAttributeValue", "Attribute>3<", "Attribute>128<", /Attribute must be -128 to 127/);
    await refused("GetSpecificAttributeValue", "ClassId>8<", "ClassId>-1<", /ClassId must be 0 to 65535/);
    await refused("SetThdConfiguration", ">1<", ">4294967296<", /MinDurationNormalToOver/);
    await refused("SetRandomisationSettings", "directAttach>0<", "directAttach>2<", /directAttach must be 0 or 1/);
    await refused("SetActivityCalendar", "DayId>0<", "DayId>256<", /DayId must be 0 to 255/);
  });

  it("include a list of devices, which is there at once", async () => {
    const meter = {
      ...{ identification: DEVICE, family: "dlms", timezone: "UTC" },
      protocol: { name: "SMR", version: "5.2" },
    };
    const mbus = { identificationNumber: "12056731", manufacturerIdentification: "LGB", version: 66 };
    server.ports.devices = [
      meter,
      { ...meter, ...{ mbus: { ...mbus, deviceType: 3 } }, lifecycleStatus: "DESTROYED" },
      { ...meter, ...{ mbus: { ...mbus, deviceType: 7 } }, lifecycleStatus: "IN_USE" },
    ];
    const answer = await server.post(envelope("<m:GetDevicesRequest><m:Page>4</m:Page></m:GetDevicesRequest>"), {
      path: pathOf("m"),
    });
    const device = (type: string, active: boolean) =>
      `<Devices><DeviceUid>${DEVICE}</DeviceUid><DeviceIdentification>${DEVICE}</DeviceIdentification><DeviceType>${type}</DeviceType>` +
      `<Activated>${active}</Activated><HasSchedule>false</HasSchedule><PublicKeyPresent>false</PublicKeyPresent></Devices>`;
    assert.equal(
      contentOf(answer.text, "GetDevicesResponse"),
      `<DevicePage><TotalPages>5</TotalPages>${device("SMART_METER_E", true)}${device("SMART_METER_G", false)}` +
        `${device("SMART_METER_W", true)}</DevicePage>`,
    );
    assert.equal(server.ports.logged.at(-1)?.operation, "GetDevices");
  });

  it("read a push setup with only one part of a destination as one without", async () => {
    const one = OPERATION_CASES.find(({ operation }) => operation === "SetPushSetupAlarm")!;
    await server.post(requestOf(one).replace("<s:Port>9598</s:Port>", ""));
    assert.deepEqual(Object.keys(server.ports.accepted.at(-1)!.actions[0]!.request), ["pushObjects"]);
  });

  it("accept every sample that asks a device for something", async () => {
    const folder = new URL("../../samples/", import.meta.url);
    const files = readdirSync(folder).filter((file) => file.endsWith(".xml"));
    assert.ok(files.length > 0);
    for (const file of files) {
      const body = readFileSync(new URL(file, folder));
      // Those that name a correlation UID ask for what is there already, and a list is there at once.
      if (/correlationUid/i.test(body.toString()) || file === "GetDevices.xml") continue;
      const [, element] = /:Body>\s*<\w+:(\w+)/.exec(body.toString())!;
      const asksFor = ({ operations }: Service) => operations.some(({ input }) => input.endsWith(`:${element}`));
      const answer = await server.post(body, { path: SERVICES.find(asksFor)!.path });
      assert.equal(answer.status, 200, `${file}: ${answer.text}`);
      assert.equal(server.ports.accepted.at(-1)!.operation, file.split(".")[0]);
    }
  });
});
