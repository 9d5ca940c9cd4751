import assert from "node:assert/strict";
import { deflateSync, gzipSync } from "node:zlib";
import { MetergateError } from "../../src/domain/errors.ts";
import {
  ADHOC,
  COMMON,
  CONFIGURATION,
  DEVICE,
  envelope,
  fetchEnvelope,
  GET_FIRMWARE_VERSION,
  HEADERS,
  NS,
  SoapServer,
} from "./harness.ts";

describe("the SOAP front", () => {
  let server: SoapServer;
  beforeEach(async () => {
    server = await SoapServer.start();
  });
  afterEach(() => server.stop());

  const accepted = () => server.ports.accepted.at(-1)!;

  it("answers a request with the correlation UID that accepting it gave", async () => {
    const answer = await server.post(GET_FIRMWARE_VERSION);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["content-type"], "text/xml; charset=utf-8");
    assert.match(answer.text, /^<\?xml version="1\.0" encoding="UTF-8"\?>/);
    assert.match(
      answer.text,
      new RegExp(`<common:CorrelationUid>test-org\\|\\|\\|${DEVICE}\\|\\|\\|1</common:CorrelationUid>`),
    );
    assert.match(answer.text, /<sm-configuration:GetFirmwareVersionAsyncResponse/);
  });

  it("hands on who asks, what for and the exact bytes", async () => {
    await server.post(GET_FIRMWARE_VERSION);
    const { caller, scheduling, operation, device, actions, message, clientMessageId } = accepted();
    assert.deepEqual(caller, { organisation: "test-org", userName: "tester", applicationName: "ERP" });
    assert.equal(scheduling.priority, 4);
    assert.equal(scheduling.bypassRetry, false);
    assert.deepEqual(
      [operation, device, actions, clientMessageId],
      ["GetFirmwareVersion", DEVICE, [{ operation: "GetFirmwareVersion", request: {} }], undefined],
    );
    assert.equal(message.service, "SmartMeteringConfiguration");
    assert.equal(Buffer.from(message.bytes).toString(), GET_FIRMWARE_VERSION);
    assert.equal(message.redacted, undefined);
  });

  it("tells of each message at debug, and never what is in it", async () => {
    await server.post(GET_FIRMWARE_VERSION);
    await server.post("<x/>");
    const [first, second] = server.ports.debugs.map(({ context, text }) => {
      const { ms, ...rest } = context;
      assert.equal(typeof ms, "number");
      return { ...rest, text };
    });
    const text = "a message was answered";
    const asked = { operation: "GetFirmwareVersion", organisation: "test-org", device: DEVICE };
    assert.deepEqual(first, { ...asked, correlationUid: `test-org|||${DEVICE}|||1`, status: 200, text });
    assert.deepEqual(JSON.parse(JSON.stringify(second)), { status: 500, text });
  });

  it("serves each service with and without the slash at the end and on the short path", async () => {
    for (const path of [
      CONFIGURATION,
      CONFIGURATION.slice(0, -1),
      "/smartMetering/configurationService",
      "/smartMetering/configurationService/",
    ]) {
      assert.equal((await server.post(GET_FIRMWARE_VERSION, { path })).status, 200, path);
    }
    assert.equal((await server.send("POST", "/smartMetering/otherService", GET_FIRMWARE_VERSION)).status, 404);
  });

  it("reads every scheduling header, in any order and with any prefix", async () => {
    const answer = await server.post(
      envelope(
        `<s:GetFirmwareVersionRequest><s:DeviceIdentification>${DEVICE}</s:DeviceIdentification></s:GetFirmwareVersionRequest>`,
        `<x:ResponseUrl xmlns:x="${NS.common}">https://erp.example/notify</x:ResponseUrl>` +
          `<BypassRetry xmlns="${NS.common}"> 1 </BypassRetry><c:MaxScheduleTime>1700000000001</c:MaxScheduleTime>` +
          `<c:ScheduleTime>1700000000000</c:ScheduleTime><c:MessagePriority>7</c:MessagePriority>` +
          `<c:ApplicationName>ERP</c:ApplicationName><c:UserName>u</c:UserName><c:OrganisationIdentification>o</c:OrganisationIdentification>`,
      ),
    );
    assert.equal(answer.status, 200);
    assert.deepEqual(accepted().scheduling, {
      priority: 7,
      scheduleTimeMs: 1_700_000_000_000,
      maxScheduleTimeMs: 1_700_000_000_001,
      bypassRetry: true,
      responseUrl: "https://erp.example/notify",
    });
  });

  it("clamps a priority outside 0 to 9", async () => {
    for (const [given, taken] of [
      ["12", 9],
      ["-3", 0],
      ["0", 0],
      ["", 4],
    ] as const) {
      const headers = `${HEADERS}<c:MessagePriority>${given}</c:MessagePriority>`;
      await server.post(GET_FIRMWARE_VERSION.replace(HEADERS, headers));
      assert.equal(accepted().scheduling.priority, taken);
    }
  });

  it("takes a WS-Addressing MessageID of either version as the caller's id", async () => {
    for (const ns of ["http://www.w3.org/2005/08/addressing", "http://schemas.xmlsoap.org/ws/2004/08/addressing"]) {
      const id = `urn:uuid:${ns.length}`;
      await server.post(
        GET_FIRMWARE_VERSION.replace(HEADERS, `${HEADERS}<w:MessageID xmlns:w="${ns}"> ${id} </w:MessageID>`),
      );
      assert.equal(accepted().clientMessageId, id);
    }
  });

  it("accepts what gSOAP and SOAP::Lite add: mustUnderstand on our headers, encodingStyle on the envelope", async () => {
    const message = GET_FIRMWARE_VERSION.replaceAll(/<c:(\w+)>/g, '<c:$1 E:mustUnderstand="1">').replace(
      "<E:Envelope",
      '<E:Envelope E:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"',
    );
    assert.equal((await server.post(message)).status, 200);
  });

  it("takes user and application names with blanks", async () => {
    assert.equal((await server.post(GET_FIRMWARE_VERSION.replace(">ERP<", "> SMART METERS <"))).status, 200);
    assert.equal(accepted().caller.applicationName, "SMART METERS");
  });

  it("ignores headers that it does not know and need not understand", async () => {
    const more =
      '<x:Trace xmlns:x="urn:x">1</x:Trace><x:Other xmlns:x="urn:x" E:mustUnderstand="1" E:actor="urn:someone-else"/>';
    assert.equal((await server.post(GET_FIRMWARE_VERSION.replace(HEADERS, HEADERS + more))).status, 200);
  });

  it("reads UTF-16 and ISO-8859-1 messages", async () => {
    const message = GET_FIRMWARE_VERSION.replace("tester", "Jürgen");
    const utf16 = Buffer.from(`\uFEFF${message}`, "utf16le");
    assert.equal((await server.post(utf16, { "content-type": "text/xml; charset=utf-16" })).status, 200);
    assert.equal(accepted().caller.userName, "Jürgen");
    assert.deepEqual(accepted().message.bytes, utf16);
    const latin = Buffer.from(message, "latin1");
    assert.equal((await server.post(latin, { "content-type": 'text/xml;charset="ISO-8859-1"' })).status, 200);
    assert.equal(accepted().caller.userName, "Jürgen");
  });

  it("reads gzip and deflate, and logs what was inside", async () => {
    for (const [coding, body] of [
      ["gzip", gzipSync(GET_FIRMWARE_VERSION)],
      ["deflate", deflateSync(GET_FIRMWARE_VERSION)],
    ] as const) {
      assert.equal((await server.post(body, { "content-encoding": coding })).status, 200);
      assert.equal(Buffer.from(accepted().message.bytes).toString(), GET_FIRMWARE_VERSION);
    }
  });

  it("takes a SOAPAction that names the operation, with or without quotes, or none at all", async () => {
    for (const soapaction of ['"GetFirmwareVersion"', "GetFirmwareVersion", "", '""']) {
      assert.equal((await server.post(GET_FIRMWARE_VERSION, { soapaction })).status, 200);
    }
  });

  it("keeps keys out of the log and gives them to the request", async () => {
    const answer = await server.post(
      envelope(
        `<s:ReplaceKeysRequest><s:DeviceIdentification>${DEVICE}</s:DeviceIdentification><s:SetKeysRequestData>` +
          "<s:AuthenticationKey>00112233</s:AuthenticationKey><s:EncryptionKey>44556677</s:EncryptionKey></s:SetKeysRequestData></s:ReplaceKeysRequest>",
      ),
    );
    assert.equal(answer.status, 200);
    assert.deepEqual(accepted().actions[0]?.request, { authenticationKey: "00112233", encryptionKey: "44556677" });
    const kept = Buffer.from(accepted().message.redacted!.body).toString();
    assert.doesNotMatch(kept, /00112233|44556677/);
    assert.match(kept, /<s:AuthenticationKey>\*\*\*redacted\*\*\*<\/s:AuthenticationKey>/);
    assert.equal(accepted().message.redacted?.count, 2);
  });

  it("logs a fetch and its answer in order before the answer goes out", async () => {
    server.ports.outcomes.set("u".repeat(20), { actions: [{ ok: true, result: {} }] });
    const message = fetchEnvelope("s:SetSpecialDaysAsyncRequest", "u".repeat(20));
    const answer = await server.post(message);
    assert.match(answer.text, /<sm-configuration:Result>OK</);
    const [received, sent] = server.ports.logged;
    assert.equal(Buffer.from(received!.body).toString(), message);
    assert.equal(Buffer.from(sent!.body).toString(), answer.text);
    assert.deepEqual(
      server.ports.logged.map(({ direction, operation, device, correlationUid, caller }) => [
        direction,
        operation,
        device,
        correlationUid,
        caller?.organisation,
      ]),
      [
        ["in", "GetSetSpecialDaysResponse", DEVICE, "u".repeat(20), "test-org"],
        ["out", "GetSetSpecialDaysResponse", DEVICE, "u".repeat(20), "test-org"],
      ],
    );
  });

  it("gives no result that could not be logged", async () => {
    server.ports.outcomes.set("u".repeat(20), { actions: [{ ok: true, result: {} }] });
    server.ports.beforeLog = () => {
      throw new MetergateError("SERVICE_BUSY", "the log is full");
    };
    const answer = await server.post(fetchEnvelope("s:SetSpecialDaysAsyncRequest", "u".repeat(20)));
    assert.equal(answer.status, 500);
    assert.match(answer.text, /SERVICE_BUSY.*the log is full/);
    assert.doesNotMatch(answer.text, /Result/);
  });

  it("answers with 503 and when to come again when an organisation has too many waiting", async () => {
    server.ports.outcomes.set("u".repeat(20), { actions: [{ ok: true, result: {} }] });
    server.ports.beforeLog = () => {
      throw new MetergateError("SERVICE_BUSY", "too many wait", { context: { retryAfterSeconds: 7 } });
    };
    const answer = await server.post(fetchEnvelope("s:SetSpecialDaysAsyncRequest", "u".repeat(20)));
    assert.deepEqual([answer.status, answer.headers["retry-after"]], [503, "7"]);
    assert.match(answer.text, /TechnicalFault.*SERVICE_BUSY.*too many wait/);
  });

  it("deletes the result that the common service is asked to delete", async () => {
    server.ports.outcomes.set("u".repeat(20), { actions: [] });
    const message = envelope(
      `<d:DeleteResponseDataRequest xmlns:d="${NS.smCommon}"><d:correlationUid>${"u".repeat(20)}</d:correlationUid></d:DeleteResponseDataRequest>`,
    );
    const answer = await server.post(message, { path: COMMON });
    assert.equal(answer.status, 200);
    assert.match(answer.text, /Result>OK<.*resultString>response data has been deleted</);
    assert.deepEqual(server.ports.deleted, ["u".repeat(20)]);
    assert.match((await server.post(message, { path: COMMON })).text, /<com:Code>405</);
  });

  it("keeps the services apart", async () => {
    const answer = await server.post(GET_FIRMWARE_VERSION, { path: ADHOC });
    assert.equal(answer.status, 500);
    assert.match(answer.text, /<faultcode>SOAP-ENV:Client<.*no operation for the element/s);
  });

  it("tells of an answer that breaks the schema and gives a fault instead", async () => {
    server.ports.outcomes.set("u".repeat(20), {
      actions: [{ ok: true, result: { versions: [{ module: "ACTIVE_FIRMWARE" }] } }],
    });
    const answer = await server.post(fetchEnvelope("s:GetFirmwareVersionAsyncRequest", "u".repeat(20)));
    assert.equal(answer.status, 500);
    assert.match(answer.text, /<com:TechnicalFault.*<com:Message>INTERNAL</);
    assert.equal(server.ports.errors.length, 1);
  });
});
