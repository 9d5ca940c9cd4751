import assert from "node:assert/strict";
import { connect } from "node:net";
import { brotliCompressSync, deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { ManualClock } from "../../src/lib/clock.ts";
import { CONFIGURATION, envelope, GET_FIRMWARE_VERSION, SoapServer } from "./harness.ts";

const LIMIT = 1_048_576;

/** Sends bytes as they are and gives what comes back until the connection closes or has an answer. */
function raw(port: number, bytes: string | Buffer, end: boolean): Promise<string> {
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(port, "127.0.0.1", () => (end ? socket.end(bytes) : socket.write(bytes)));
    socket.on("data", (chunk) => {
      received += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => resolve(received));
  });
}

describe("whatever arrives", () => {
  let server: SoapServer;
  beforeEach(async () => {
    server = await SoapServer.start();
  });
  /** After everything hostile a good request must be served, and nothing may have been taken for a defect. */
  afterEach(async () => {
    const answer = await server.post(GET_FIRMWARE_VERSION);
    await server.stop();
    assert.equal(answer.status, 200);
    assert.deepEqual(server.ports.errors, []);
    assert.equal(server.ports.accepted.length, 1);
  });

  async function refused(body: string | Uint8Array, text: RegExp, status = 500, headers: Record<string, string> = {}) {
    const before = process.cpuUsage();
    const answer = await server.post(body, headers);
    assert.equal(answer.status, status);
    assert.match(answer.text, text);
    assert.match(answer.text, /<faultcode>SOAP-ENV:Client</);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 2_000_000, `cost ${user + system} µs of the processor`);
  }

  it("a message just over the limit is refused with a fault, with and without a length", async () => {
    const body = `${GET_FIRMWARE_VERSION}${" ".repeat(LIMIT)}`;
    await refused(body, /larger than 1048576 bytes/, 500);
    await refused(body, /larger than 1048576 bytes/, 500, { "transfer-encoding": "chunked" });
  });

  it("a message of many times the limit still gets its answer", async () => {
    await refused(Buffer.alloc(16 * LIMIT, 32), /larger than/, 500, { "transfer-encoding": "chunked" });
  });

  it("a message of exactly the limit is read", async () => {
    const part = `<s:a>${" ".repeat(50_000)}</s:a>`;
    const parts = part.repeat(20);
    const filler = " ".repeat(LIMIT - Buffer.byteLength(envelope(`<s:Nope>${parts}</s:Nope>`)));
    await refused(envelope(`<s:Nope>${parts}${filler}</s:Nope>`), /no operation for the element/);
  });

  it("a gzip bomb stops at the limit", async () => {
    await refused(gzipSync(Buffer.alloc(100 * LIMIT)), /larger than/, 500, { "content-encoding": "gzip" });
  });

  it("broken, truncated and mislabelled compression is refused", async () => {
    const good = gzipSync(GET_FIRMWARE_VERSION);
    const gzip = { "content-encoding": "gzip" };
    await refused(good.subarray(0, good.length - 9), /cannot be decompressed/, 500, gzip);
    await refused(Buffer.from(good).fill(0xff, 20, 40), /cannot be decompressed/, 500, gzip);
    await refused(GET_FIRMWARE_VERSION, /cannot be decompressed/, 500, gzip);
    await refused(deflateRawSync(GET_FIRMWARE_VERSION), /cannot be decompressed/, 500, {
      "content-encoding": "deflate",
    });
    await refused(brotliCompressSync(GET_FIRMWARE_VERSION), /cannot be decompressed/, 500, gzip);
    await refused("", /not well-formed|cannot be decompressed/, 500, gzip);
  });

  it("entities are refused before a parser sees them", async () => {
    const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join("");
    await refused(
      `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">${laughs}]><x>&l9;</x>`,
      /document type declaration/,
    );
    await refused('<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', /document type declaration/);
    await refused(`\uFEFF<!DOCTYPE x><x/>`, /document type declaration/);
    const utf16 = Buffer.from('\uFEFF<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "utf16le");
    await refused(utf16, /document type declaration/);
    await refused(
      envelope("<s:GetFirmwareVersionRequest>&undefined;</s:GetFirmwareVersionRequest>"),
      /not well-formed/,
    );
  });

  it("processing instructions are refused", async () => {
    await refused(
      GET_FIRMWARE_VERSION.replace("<E:Body>", "<E:Body><?include /etc/passwd?>"),
      /processing instruction/,
    );
  });

  it("10,000 nested elements are refused", async () => {
    await refused(envelope(`${"<s:a>".repeat(9_000)}${"</s:a>".repeat(9_000)}`), /100 levels deep/);
    await refused("<a>".repeat(300_000), /100 levels deep/);
  });

  it("as many attributes and namespaces as fit are refused", async () => {
    const attributes = Array.from({ length: 110_000 }, (_, i) => ` a${i}=""`)
      .join("")
      .slice(0, 1_000_000);
    await refused(
      envelope(`<s:GetFirmwareVersionRequest${attributes.slice(0, attributes.lastIndexOf(" "))}/>`),
      /more than 100 attributes/,
    );
    const namespaces = Array.from({ length: 40_000 }, (_, i) => ` xmlns:n${i}="u${i}"`).join("");
    await refused(envelope(`<s:GetFirmwareVersionRequest${namespaces}/>`), /more than 100 attributes/);
    await refused(`<a ${"x ".repeat(400_000)}>`, /more than 65536 characters/);
  });

  it("thousands of wrong elements are refused in bounded time, and not all of them are named", async () => {
    const wrong = "<s:AlarmNotification/>".repeat(9_900);
    await refused(
      envelope(
        `<s:SetAlarmNotificationsRequest><s:DeviceIdentification>TEST1024000000001</s:DeviceIdentification><s:SetAlarmNotificationsRequestData>` +
          `<s:AlarmNotifications>${wrong}</s:AlarmNotifications></s:SetAlarmNotificationsRequestData></s:SetAlarmNotificationsRequest>`,
      ),
      /and \d+ more/,
    );
  });

  it("a text that is longer than any value is refused, in whatever pieces it comes", async () => {
    for (const text of ["x".repeat(1_000_000), "x&#65;".repeat(11_000), `${"x".repeat(900)}<!---->`.repeat(100)]) {
      await refused(GET_FIRMWARE_VERSION.replace("tester", text), /text of more than 65536 characters/);
    }
    await refused(GET_FIRMWARE_VERSION.replace("tester", "x".repeat(60_000)), /Header UserName/);
    await refused(
      GET_FIRMWARE_VERSION.replace(
        "<c:UserName>",
        `<c:MessagePriority>${"9".repeat(60_000)}x</c:MessagePriority><c:UserName>`,
      ),
      /MessagePriority/,
    );
  });

  it("invalid UTF-8, NUL characters and wrong encodings are refused", async () => {
    await refused(Buffer.from(GET_FIRMWARE_VERSION.replace("tester", "t\xffster"), "latin1"), /not valid UTF-8/);
    await refused(GET_FIRMWARE_VERSION.replace("tester", "t\0ster"), /NUL/);
    await refused(`${GET_FIRMWARE_VERSION}\0`, /NUL/);
    await refused(GET_FIRMWARE_VERSION.replace("tester", "t&#0;ster"), /not well-formed/);
    await refused(GET_FIRMWARE_VERSION, /not valid UTF-16|not well-formed/, 500, {
      "content-type": "text/xml; charset=utf-16",
    });
    await refused(Buffer.from(GET_FIRMWARE_VERSION, "utf16le").subarray(0, 101), /not valid UTF-16/);
    const declared = GET_FIRMWARE_VERSION.replace('version="1.0"', 'version="1.0" encoding="UCS-4"');
    await refused(declared, /encoding UCS-4/, 500, { "content-type": "text/xml" });
  });

  it("an xsi:schemaLocation or xsi:type changes nothing", async () => {
    const xsi = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"';
    await refused(
      envelope(
        `<s:GetFirmwareVersionRequest ${xsi} i:schemaLocation="urn:x file:///etc/passwd" i:type="s:UpdateFirmwareRequestData"/>`,
      ),
      /Validation error/,
    );
    await refused(envelope(`<s:GetFirmwareVersionRequest ${xsi} i:nil="true"/>`), /Validation error/);
  });

  it("any bytes are answered", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        assert.equal((await server.post(bytes)).status, 500);
      }),
      { numRuns: 100 },
    );
  });

  it("a good message with any octet changed or cut off is answered", async () => {
    const good = Buffer.from(GET_FIRMWARE_VERSION);
    server.ports.beforeAccept = () => assert.fail("not a defect of the front");
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), fc.boolean(), async (at, octet, cut) => {
        const bytes = cut ? good.subarray(0, at) : Buffer.from(good).fill(octet, at, at + 1);
        const { status, text } = await server.post(bytes);
        assert.ok(status === 500 && text.includes("<faultcode>"), text);
      }),
      { numRuns: 200 },
    );
    server.ports.beforeAccept = () => {};
    server.ports.errors.length = 0;
  });

  it("a caller that goes away in the middle of its message is forgotten", async () => {
    const head = `POST ${CONFIGURATION} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n`;
    await raw(server.port, `${head}Content-Length: 500\r\n\r\n<half`, true);
    await raw(server.port, `${head}Transfer-Encoding: chunked\r\n\r\nZZ\r\n`, true);
    assert.deepEqual(server.ports.logged, []);
  });
});

describe("time", () => {
  const clock = new ManualClock(0);
  let server: SoapServer;
  before(async () => {
    server = await SoapServer.start({ clock });
  });
  after(() => server.stop());

  it("runs out for a message that does not come to its end: 408, and the connection is closed", async () => {
    const head = `POST ${CONFIGURATION} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: 500\r\n\r\n<half`;
    const answer = raw(server.port, head, false);
    const cancel = setInterval(() => clock.advance(30_000), 5);
    assert.match(await answer, /^HTTP\/1\.1 408 .*connection: close/is);
    clearInterval(cancel);
  });

  it("does not run out for an answer: what the log says is what went out, however long the store takes", async () => {
    server.ports.beforeAccept = () => {
      clock.advance(3_600_000);
    };
    const answer = await server.post(GET_FIRMWARE_VERSION);
    assert.equal(answer.status, 200);
    assert.match(answer.text, /CorrelationUid/);
  });
});

describe("too many messages at once", () => {
  it("are refused with 503 until others are done", async () => {
    const server = await SoapServer.start();
    const waiting: (() => void)[] = [];
    const full = new Promise<void>((resolve) => {
      server.ports.beforeAccept = () =>
        new Promise<void>((release) => {
          waiting.push(release);
          if (waiting.length === 1_000) resolve();
        });
    });
    const answers = Array.from({ length: 1_000 }, () => server.post(GET_FIRMWARE_VERSION));
    assert.equal(await Promise.race([full, ...answers]), undefined, "one was answered before all of them waited");
    const oneMore = await server.post(GET_FIRMWARE_VERSION);
    assert.deepEqual([oneMore.status, oneMore.headers["content-type"]], [503, "text/plain; charset=utf-8"]);
    for (const release of waiting) release();
    assert.ok((await Promise.all(answers)).every(({ status }) => status === 200));
    server.ports.beforeAccept = () => {};
    assert.equal((await server.post(GET_FIRMWARE_VERSION)).status, 200);
    await server.stop();
  });
});
