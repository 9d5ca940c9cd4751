import assert from "node:assert/strict";
import { XmlDocument, type XmlElement } from "libxml2-wasm";
import { ERROR_CATALOGUE, type ErrorCode, MetergateError } from "../../src/domain/errors.ts";
import {
  ADHOC,
  type Answer,
  CONFIGURATION,
  envelope,
  fetchEnvelope,
  GET_FIRMWARE_VERSION,
  HEADERS,
  SoapServer,
} from "./harness.ts";

const NAMES = {
  E: "http://schemas.xmlsoap.org/soap/envelope/",
  c: "http://www.opensmartgridplatform.org/schemas/common/2014/10",
  v: "http://springframework.org/spring-ws",
};
const UID = "u".repeat(20);

/** The parts of a fault, read by an XML parser that knows nothing of this service. */
function faultIn({ text }: Answer) {
  const document = XmlDocument.fromString(text);
  try {
    const content = (path: string) => document.get(`/E:Envelope/E:Body/E:Fault/${path}`, NAMES)?.content;
    return {
      code: content("faultcode"),
      text: content("faultstring"),
      functional: ["Code", "Message", "Component", "InnerException", "InnerMessage"].map((name) =>
        content(`detail/c:FunctionalFault/c:${name}`),
      ),
      technical: ["Message", "Component", "InnerException", "InnerMessage"].map((name) =>
        content(`detail/c:TechnicalFault/c:${name}`),
      ),
      validation: document
        .find("//v:ValidationError", NAMES)
        .map((node) => [
          node.content,
          (node as XmlElement).attr("line")?.value,
          (node as XmlElement).attr("path")?.value,
        ]),
    };
  } finally {
    document.dispose();
  }
}

describe("faults", () => {
  let server: SoapServer;
  before(async () => {
    server = await SoapServer.start();
  });
  after(() => server.stop());
  afterEach(() => {
    server.ports.beforeAccept = () => {};
    server.ports.errors.length = 0;
  });

  async function refuses(message: string, code: string, text: RegExp, headers: Record<string, string> = {}) {
    const before = server.ports.accepted.length;
    const answer = await server.post(message, headers);
    assert.equal(answer.status, 500);
    assert.equal(answer.headers["content-type"], "text/xml; charset=utf-8");
    const fault = faultIn(answer);
    assert.equal(fault.code, `SOAP-ENV:${code}`);
    assert.match(fault.text ?? "", text);
    assert.equal(server.ports.accepted.length, before);
    return fault;
  }

  for (const name of ["OrganisationIdentification", "UserName", "ApplicationName"]) {
    it(`names the header ${name} when it is missing or empty, with faultcode Server`, async () => {
      const element = new RegExp(`<c:${name}>[^<]*</c:${name}>`);
      const text = new RegExp(`Missing SOAP header element: ${name}$`);
      await refuses(GET_FIRMWARE_VERSION.replace(element, ""), "Server", text);
      await refuses(GET_FIRMWARE_VERSION.replace(element, `<c:${name}> </c:${name}>`), "Server", text);
      await refuses(
        GET_FIRMWARE_VERSION.replace(element, (whole) => whole + whole),
        "Client",
        /Validation error/,
      );
    });
  }

  it("refuses header values that the schema does not allow", async () => {
    for (const header of [
      "<c:MessagePriority>high</c:MessagePriority>",
      "<c:ScheduleTime>2030-01-01T00:00:00Z</c:ScheduleTime>",
      "<c:MaxScheduleTime>-5</c:MaxScheduleTime>",
      "<c:MaxScheduleTime>99999999999999999999</c:MaxScheduleTime>",
      "<c:BypassRetry>yes</c:BypassRetry>",
      "<c:ResponseUrl>ftp://erp.example/x</c:ResponseUrl>",
      "<c:ResponseUrl>http://</c:ResponseUrl>",
    ]) {
      const fault = await refuses(
        GET_FIRMWARE_VERSION.replace(HEADERS, HEADERS + header),
        "Client",
        /^Validation error$/,
      );
      assert.equal(fault.validation.length, 1);
      assert.match(fault.validation[0]?.[2] ?? "", /^\/Envelope\/Header\//);
    }
    await refuses(GET_FIRMWARE_VERSION.replace("test-org", "x".repeat(41)), "Client", /Validation error/);
    await refuses(GET_FIRMWARE_VERSION.replace("test-org", "test org"), "Client", /Validation error/);
    const messageId = `<w:MessageID xmlns:w="http://www.w3.org/2005/08/addressing">${"x".repeat(2_001)}</w:MessageID>`;
    await refuses(GET_FIRMWARE_VERSION.replace(HEADERS, HEADERS + messageId), "Client", /Validation error/);
  });

  it("has one ValidationError per deviation, with line and path and without the value", async () => {
    const message = envelope(
      "\n<s:ReplaceKeysRequest>\n<s:DeviceIdentification>short</s:DeviceIdentification><s:SetKeysRequestData>\n" +
        "<s:AuthenticationKey>5EC2E7XX</s:AuthenticationKey><s:EncryptionKey>00</s:EncryptionKey></s:SetKeysRequestData></s:ReplaceKeysRequest>",
    );
    const fault = await refuses(message, "Client", /^Validation error$/);
    assert.ok(fault.validation.length >= 2);
    assert.deepEqual(
      fault.validation.map(([, line]) => line),
      fault.validation.map(([, , path]) => (/Auth/.test(path ?? "") ? "4" : "3")),
    );
    assert.ok(
      fault.validation.some(([text, , path]) => /hexBinary/.test(text ?? "") && /AuthenticationKey$/.test(path ?? "")),
    );
    assert.doesNotMatch(JSON.stringify(fault), /5EC2E7/);
    assert.doesNotMatch(
      JSON.stringify(server.ports.logged.map(({ body, redacted }) => Buffer.from(redacted?.body ?? body).toString())),
      /5EC2E7/,
    );
  });

  it("says MustUnderstand for a header that is marked so and not known", async () => {
    const security = '<w:Security xmlns:w="urn:wsse" E:mustUnderstand="1"/>';
    await refuses(GET_FIRMWARE_VERSION.replace(HEADERS, HEADERS + security), "MustUnderstand", /\{urn:wsse\}Security/);
  });

  it("says VersionMismatch for SOAP 1.2, by its envelope or its media type", async () => {
    const message = GET_FIRMWARE_VERSION.replace(
      "http://schemas.xmlsoap.org/soap/envelope/",
      "http://www.w3.org/2003/05/soap-envelope",
    );
    await refuses(message, "VersionMismatch", /not SOAP 1\.1/);
    await refuses(message, "VersionMismatch", /SOAP 1\.2/, { "content-type": "application/soap+xml; charset=utf-8" });
  });

  it("refuses what is not one element in one body in one envelope", async () => {
    const body = /<E:Body>.*<\/E:Body>/;
    await refuses("<a/>", "Client", /not a SOAP Envelope/);
    await refuses(GET_FIRMWARE_VERSION.replace(body, ""), "Client", /exactly one Body/);
    await refuses(
      GET_FIRMWARE_VERSION.replace(body, (whole) => whole + whole),
      "Client",
      /exactly one Body/,
    );
    await refuses(GET_FIRMWARE_VERSION.replace(body, "<E:Body/>"), "Client", /exactly one element/);
    await refuses(
      GET_FIRMWARE_VERSION.replace(body, (whole) => whole.replace(/<s:.*<\/s:\w+>(?=<\/E:Body>)/, (x) => x + x)),
      "Client",
      /exactly one element/,
    );
    await refuses(GET_FIRMWARE_VERSION.replace("<E:Body>", "<E:Body>text"), "Client", /text between/);
    await refuses(GET_FIRMWARE_VERSION.replace("<E:Header>", "<E:Header>text"), "Client", /text between/);
  });

  it("refuses an unknown operation, and says which service has one that this has not", async () => {
    await refuses(envelope("<s:Reboot/>"), "Client", /no operation for the element \{.*\}Reboot/);
    await refuses(
      envelope("<GetFirmwareVersionRequest/>"),
      "Client",
      /no operation for the element \{\}GetFirmwareVersionRequest/,
    );
    await refuses(
      GET_FIRMWARE_VERSION,
      "Client",
      /no operation for the element .*; SmartMeteringConfiguration has it, at \/osgp-.*\/configurationService\/$/,
      { path: ADHOC },
    );
    // The ERP's service, never ours.
    const notification = "http://www.opensmartgridplatform.org/schemas/smartmetering/sm-notification/2014/10";
    await refuses(
      envelope(`<n:SendNotificationRequest xmlns:n="${notification}"/>`),
      "Client",
      /; SmartMeteringNotification has it, which is not offered$/,
    );
    const long = await server.post(envelope(`<${"x".repeat(30_000)} xmlns="${"u".repeat(30_000)}"/>`));
    assert.ok(long.text.length < 2_000);
  });

  it("says that a header is there in another namespace when it is missing in ours", async () => {
    await refuses(
      GET_FIRMWARE_VERSION.replaceAll("c:UserName>", "s:UserName>"),
      "Server",
      /^Missing SOAP header element: UserName; there is \{.*sm-configuration.*\}UserName, but its namespace must be .*\/common\/2014\/10$/,
    );
  });

  it("refuses an instant beyond the last one with 401 and the bound", async () => {
    for (const name of ["ScheduleTime", "MaxScheduleTime"]) {
      const at = (ms: number) => GET_FIRMWARE_VERSION.replace(HEADERS, `${HEADERS}<c:${name}>${ms}</c:${name}>`);
      const fault = await refuses(at(8_640_000_000_000_001), "Server", /^VALIDATION_ERROR$/);
      assert.deepEqual(
        [fault.functional[0], fault.functional[4]],
        ["401", `${name} must be at most 8640000000000000 milliseconds since 1970`],
      );
      assert.equal((await server.post(at(8_640_000_000_000_000))).status, 200);
    }
  });

  it("echoes neither a device nor a correlation UID that is longer than any", async () => {
    const device = "X".repeat(60_000);
    const tooLong = await server.post(GET_FIRMWARE_VERSION.replace("TEST1024000000001", device));
    assert.match(tooLong.text, /Code>201<.*No device has an identification of 60000 characters</);
    const uid = await server.post(fetchEnvelope("s:GetFirmwareVersionAsyncRequest", "u".repeat(60_000)));
    assert.match(uid.text, /Code>405<.*Unknown: no correlation UID has 60000 characters\.</);
    for (const { device: filed, correlationUid } of server.ports.logged) {
      assert.ok((filed ?? "").length < 100 && (correlationUid ?? "").length < 300);
    }
  });

  it("says where XML is not well-formed without quoting it", async () => {
    const fault = await refuses("<a>\n<Password>geheim</b></a>", "Client", /not well-formed XML: line 2, column \d+/);
    assert.doesNotMatch(JSON.stringify(fault), /geheim/);
    await refuses("", "Client", /not well-formed XML/);
  });

  const names = {
    ...{ "web service": "WS_SMART_METERING", domain: "DOMAIN_SMART_METERING", inventory: "DOMAIN_CORE" },
    ...{ queue: "OSGP_CORE", device: "PROTOCOL_DLMS" },
  };
  for (const [code, { fault: number, component }] of Object.entries(ERROR_CATALOGUE)) {
    it(`shows ${code} as ${number === null ? "a technical fault" : number}`, async () => {
      server.ports.beforeAccept = () => {
        throw new MetergateError(code as ErrorCode, 'because of <it> & "that"');
      };
      const message = code === "UNKNOWN_CORRELATION_UID" ? "CorrelationUid is unknown." : code;
      const fault = await refuses(GET_FIRMWARE_VERSION, "Server", new RegExp(`^${message}$`));
      const values = [message, names[component], "", 'because of <it> & "that"'];
      assert.deepEqual(
        number === null ? fault.technical : fault.functional,
        number === null ? values : [String(number), ...values],
      );
    });
  }

  it("shows a defect as INTERNAL without a word of it, and tells the operator", async () => {
    server.ports.beforeAccept = () => {
      throw new TypeError("secret path /opt/x.js");
    };
    const fault = await refuses(GET_FIRMWARE_VERSION, "Server", /^INTERNAL$/);
    assert.doesNotMatch(JSON.stringify(fault), /secret|TypeError|\.js/);
    assert.match(String(server.ports.errors[0]?.context.err), /secret path/);
  });

  it("fetches 405 with the reason in the inner message", async () => {
    const fault = await refuses(
      fetchEnvelope("s:GetFirmwareVersionAsyncRequest", UID),
      "Server",
      /^CorrelationUid is unknown\.$/,
    );
    assert.deepEqual(fault.functional, [
      "405",
      "CorrelationUid is unknown.",
      "WS_SMART_METERING",
      "",
      "No request has this correlation UID",
    ]);
  });

  it("keeps refused messages and their faults in the log", async () => {
    server.ports.logged.length = 0;
    await refuses(envelope("<s:GetFirmwareVersionRequest/>"), "Client", /Validation error/);
    assert.deepEqual(
      server.ports.logged.map(({ direction, operation, caller }) => [direction, operation, caller?.userName]),
      [
        ["in", "GetFirmwareVersion", "tester"],
        ["out", "GetFirmwareVersion", "tester"],
      ],
    );
  });

  it("answers a refusal even when the log does not take it", async () => {
    server.ports.beforeLog = () => {
      throw new MetergateError("SERVICE_BUSY", "no");
    };
    try {
      await refuses(envelope("<s:GetFirmwareVersionRequest/>"), "Client", /Validation error/);
      assert.equal(server.ports.errors.length, 1);
    } finally {
      server.ports.beforeLog = () => {};
    }
  });

  it("speaks HTTP where HTTP has the words: 405, 415", async () => {
    const put = await server.send("PUT", CONFIGURATION, "x");
    assert.deepEqual([put.status, put.headers.allow], [405, "GET, HEAD, POST"]);
    for (const type of ["application/json", "application/xml", "", "text/xmlx"]) {
      assert.equal((await server.post(GET_FIRMWARE_VERSION, { "content-type": type })).status, 415, type);
    }
    const brotli = await server.post(GET_FIRMWARE_VERSION, { "content-encoding": "br" });
    assert.deepEqual([brotli.status, brotli.headers["accept-encoding"]], [415, "gzip, deflate"]);
    assert.equal((await server.post(GET_FIRMWARE_VERSION, { "content-encoding": "constructor" })).status, 415);
  });

  it("refuses an encoding that it does not know", async () => {
    await refuses(GET_FIRMWARE_VERSION, "Client", /encoding shift_jis is not one of/, {
      "content-type": "text/xml; charset=shift_jis",
    });
  });
});
