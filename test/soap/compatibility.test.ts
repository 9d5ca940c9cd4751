import assert from "node:assert/strict";
import { XmlDocument } from "libxml2-wasm";
import { MetergateError } from "../../src/domain/errors.ts";
import { ADHOC, DEVICE, envelope, fetchEnvelope, GET_FIRMWARE_VERSION, HEADERS, NS, SoapServer } from "./harness.ts";

const UID = "u".repeat(20);
const W3C = "http://www.w3.org/2005/08/addressing";
const MEMBER = "http://schemas.xmlsoap.org/ws/2004/08/addressing";

/** What an XML parser finds at a path. */
function contentAt(text: string, path: string, names: Record<string, string>): string | undefined {
  const document = XmlDocument.fromString(text);
  try {
    return document.get(path, { E: "http://schemas.xmlsoap.org/soap/envelope/", ...names })?.content;
  } finally {
    document.dispose();
  }
}

describe("what clients send besides the contract", () => {
  let server: SoapServer;
  beforeEach(async () => {
    server = await SoapServer.start();
  });
  afterEach(() => server.stop());

  const withHeaders = (more: string) => GET_FIRMWARE_VERSION.replace(HEADERS, HEADERS + more);

  it("may be any SOAPAction: the element in the body decides", async () => {
    for (const soapaction of ['"urn:anything"', "UpdateFirmware", '"http://x/y"', "'"]) {
      assert.equal((await server.post(GET_FIRMWARE_VERSION, { soapaction })).status, 200);
      assert.equal(server.ports.accepted.at(-1)!.operation, "GetFirmwareVersion");
    }
  });

  for (const [version, namespace, anonymous] of [
    ["1.0", W3C, `${W3C}/anonymous`],
    ["of 2004", MEMBER, `${MEMBER}/role/anonymous`],
  ] as const) {
    const block = (name: string, content: string) =>
      `<w:${name} xmlns:w="${namespace}" E:mustUnderstand="1">${content}</w:${name}>`;
    const endpoint = (name: string, address: string) => block(name, `<w:Address>${address}</w:Address>`);

    it(`may be WS-Addressing ${version}, which answers and faults relate to`, async () => {
      const addressing =
        block("Action", "urn:anything") +
        block("To", "http://somewhere/else") +
        block("MessageID", "urn:uuid:1&amp;2") +
        endpoint("ReplyTo", anonymous) +
        endpoint("FaultTo", anonymous) +
        endpoint("From", "http://erp.example/");
      const answer = await server.post(withHeaders(addressing));
      assert.equal(answer.status, 200, answer.text);
      const at = (text: string, name: string) => contentAt(text, `/E:Envelope/E:Header/w:${name}`, { w: namespace });
      assert.equal(at(answer.text, "RelatesTo"), "urn:uuid:1&2");
      assert.equal(
        at(answer.text, "Action"),
        "http://www.opensmartgridplatform.org/definitions/smartmetering/sm-configuration-v1.0/" +
          "SmartMeteringConfigurationPort/GetFirmwareVersionResponse",
      );
      server.ports.beforeAccept = () => {
        throw new MetergateError("UNAUTHORIZED", "no");
      };
      const fault = await server.post(withHeaders(addressing));
      assert.equal(at(fault.text, "RelatesTo"), "urn:uuid:1&2");
      assert.equal(at(fault.text, "Action"), `${namespace}/fault`);
    });

    it(`may not be another reply address of WS-Addressing ${version} that must be understood`, async () => {
      for (const name of ["ReplyTo", "FaultTo"]) {
        const elsewhere = endpoint(name, "http://erp.example/replies");
        const refused = await server.post(withHeaders(elsewhere));
        assert.match(
          refused.text,
          new RegExp(`faultcode>SOAP-ENV:Client<.*Header ${name}: answers go to the anonymous`),
        );
        const mayIgnore = await server.post(withHeaders(elsewhere.replace(' E:mustUnderstand="1"', "")));
        assert.equal(mayIgnore.status, 200);
      }
    });
  }

  it("gets no header in the answer without a MessageID", async () => {
    const action = `<w:Action xmlns:w="${W3C}" E:mustUnderstand="1">urn:x</w:Action>`;
    for (const message of [GET_FIRMWARE_VERSION, withHeaders(action)]) {
      const { status, text } = await server.post(message);
      assert.equal(status, 200);
      assert.doesNotMatch(text, /Header/);
    }
  });

  describe("as a repeated message", () => {
    const hashOf = async (message: string) => {
      const { status, text } = await server.post(message);
      assert.equal(status, 200, text);
      return server.ports.accepted.at(-1)!.contentSha256;
    };
    const id = `<w:MessageID xmlns:w="${W3C}">urn:uuid:1</w:MessageID>`;
    const stamp = (time: string) =>
      '<o:Security xmlns:o="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">' +
      `<o:Created>${time}</o:Created></o:Security>`;

    const otherPrefixes =
      `<GetFirmwareVersionRequest xmlns="${NS.configuration}">\n<v:DeviceIdentification xmlns:v="${NS.configuration}">${DEVICE}` +
      "</v:DeviceIdentification><!-- the meter --></GetFirmwareVersionRequest>";

    it("is the same in another envelope, with other white space, prefixes and time stamps", async () => {
      const known = await hashOf(withHeaders(id + stamp("2027-01-01T00:00:00Z")));
      assert.match(known ?? "", /^[0-9a-f]{64}$/);
      for (const same of [
        withHeaders(id + stamp("2027-01-02T00:00:00Z")),
        withHeaders(id).replaceAll("E:", "soapenv:").replaceAll(":E=", ":soapenv="),
        withHeaders(id).replaceAll("><", ">\r\n  <"),
        withHeaders(id).replace(/<E:Body>.*<\/E:Body>/, `<E:Body>${otherPrefixes}</E:Body>`),
        withHeaders(`${id}<c:MessagePriority>4</c:MessagePriority>`),
      ]) {
        assert.equal(await hashOf(same), known);
      }
    });

    it("is another one when anything else is asked for, or of another priority or by another application", async () => {
      const known = await hashOf(withHeaders(id));
      for (const other of [
        withHeaders(`${id}<c:MessagePriority>5</c:MessagePriority>`),
        withHeaders(id).replace(">ERP<", ">CRM<"),
        withHeaders(id).replace(DEVICE, "TEST1024000000002"),
        withHeaders(id).replaceAll("GetFirmwareVersionRequest", "GetFirmwareVersionGasRequest"),
      ]) {
        assert.notEqual(await hashOf(other), known);
      }
    });
  });

  describe("as multipart", () => {
    const mtom =
      'multipart/related; type="application/xop+xml"; boundary="MIME;b"; start="<root>"; start-info="text/xml"';
    const part = (content: string, ...headers: string[]) => `--MIME;b\r\n${[...headers, "", content].join("\r\n")}\r\n`;
    const root = part(
      GET_FIRMWARE_VERSION,
      'Content-Type: application/xop+xml; charset=UTF-8;\r\n type="text/xml"',
      "Content-Transfer-Encoding: binary",
      "Content-ID: <root>",
    );

    it("is taken when the envelope is all there is", async () => {
      for (const body of [`${root}--MIME;b--`, `\r\npreamble\r\n${root}--MIME;b--\r\n`]) {
        const answer = await server.post(body, { "content-type": mtom });
        assert.equal(answer.status, 200, answer.text);
        assert.equal(answer.headers["content-type"], "text/xml; charset=utf-8");
        assert.equal(Buffer.from(server.ports.accepted.at(-1)!.message.bytes).toString(), GET_FIRMWARE_VERSION);
      }
    });

    const refused: [what: string, body: string, text: RegExp, contentType?: string][] = [
      ["has attachments", `${root}${part("x", "Content-Type: image/png")}--MIME;b--`, /Attachments are not taken/],
      ["does not end", root, /does not come to its end/],
      ["has no part", "--MIME;b--", /has no part/],
      ["names no boundary", `${root}--MIME;b--`, /names no boundary/, "multipart/related"],
      [
        "is in base64",
        `${part("eA==", "Content-Transfer-Encoding: base64")}--MIME;b--`,
        /Content-Transfer-Encoding must/,
      ],
      ["holds something else", `${part("x", "Content-Type: image/png")}--MIME;b--`, /must be text\/xml or/],
    ];
    for (const [what, body, text, contentType = mtom] of refused) {
      it(`is refused in words, as a fault, when it ${what}`, async () => {
        const answer = await server.post(body, { "content-type": contentType });
        assert.equal(answer.status, 500);
        assert.equal(answer.headers["content-type"], "text/xml; charset=utf-8");
        assert.match(answer.text, /faultcode>SOAP-ENV:Client</);
        assert.match(answer.text, text);
      });
    }
  });

  it("may name the charset in single quotes or with a semicolon too many", async () => {
    const latin = Buffer.from(GET_FIRMWARE_VERSION.replace("tester", "Jürgen"), "latin1");
    for (const type of [
      "text/xml; charset='iso-8859-1'",
      'text/xml;charset="ISO-8859-1";',
      "TEXT/XML ; Charset=latin1 ;",
    ]) {
      assert.equal((await server.post(latin, { "content-type": type })).status, 200, type);
      assert.equal(server.ports.accepted.at(-1)!.caller.userName, "Jürgen");
    }
  });

  it("may have white space around an instant, which the type collapses", async () => {
    const message = envelope(
      `<a:TestAlarmSchedulerRequest><a:DeviceIdentification>${DEVICE}</a:DeviceIdentification><a:TestAlarmSchedulerRequestData>` +
        "<a:ScheduleTime>\n 2027-03-01T10:00:00Z </a:ScheduleTime><a:AlarmType>LAST_GASP</a:AlarmType>" +
        "</a:TestAlarmSchedulerRequestData></a:TestAlarmSchedulerRequest>",
    );
    const answer = await server.post(message, { path: ADHOC });
    assert.equal(answer.status, 200, answer.text);
  });
});

describe("a fetch without a result", () => {
  it("says to programs whether to ask again, behind the contract's own detail", async () => {
    const server = await SoapServer.start();
    const fetch = () => server.post(fetchEnvelope("s:GetFirmwareVersionAsyncRequest", UID));
    const names = { c: NS.common, m: "urn:metergate:fault" };
    const state = (text: string) => {
      assert.equal(contentAt(text, "/E:Envelope/E:Body/E:Fault/detail/*[1]/c:Code", names), "405");
      return contentAt(text, "/E:Envelope/E:Body/E:Fault/detail/*[2][self::m:RequestState]", names);
    };
    try {
      assert.equal(state((await fetch()).text), "unknown");
      server.ports.requests.fetch = () =>
        Promise.reject(
          new MetergateError("UNKNOWN_CORRELATION_UID", "The request is not finished yet.", {
            context: { state: "running" },
          }),
        );
      const { text } = await fetch();
      assert.equal(state(text), "not-finished");
      assert.match(text, /InnerMessage>The request is not finished yet\./);
    } finally {
      await server.stop();
    }
  });
});
