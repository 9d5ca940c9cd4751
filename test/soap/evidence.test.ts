import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { MetergateError } from "../../src/domain/errors.ts";
import { ManualClock, nextTurn } from "../../src/lib/clock.ts";
import type { LogEntry } from "../../src/message-log/message-log.ts";
import { CONFIGURATION, DEVICE, envelope, fetchEnvelope, NS, SoapServer } from "./harness.ts";

const UID = "u".repeat(20);
const KEY = "5EC2E75EC2E75EC2E75EC2E75EC2E75E";
const XML = "text/xml; charset=utf-8";

const replaceKeys = (inside: string, attributes = "") =>
  envelope(
    `<s:ReplaceKeysRequest><s:DeviceIdentification>${DEVICE}</s:DeviceIdentification>` +
      `<s:SetKeysRequestData${attributes}>${inside}</s:SetKeysRequestData></s:ReplaceKeysRequest>`,
  );
const keys = (a: string, b = "00") =>
  `<s:AuthenticationKey>${a}</s:AuthenticationKey><s:EncryptionKey>${b}</s:EncryptionKey>`;

/** UTF-32 with a byte order mark, which no supported charset is. */
function utf32(text: string): Buffer {
  const bytes = Buffer.alloc(4 + 4 * text.length);
  bytes.writeUInt32BE(0xfeff);
  for (const [i, character] of [...text].entries()) bytes.writeUInt32BE(character.codePointAt(0)!, 4 + 4 * i);
  return bytes;
}

describe("what the log keeps", () => {
  let server: SoapServer;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock(1_700_000_000_000);
    server = await SoapServer.start({ clock });
  });
  afterEach(() => server.stop());

  /** Everything that is kept of messages, accepted or not, in every way of reading it. */
  function kept(): Buffer[] {
    const logged = server.ports.logged.map(({ body, redacted }) => Buffer.from(redacted?.body ?? body));
    const accepted = server.ports.accepted.map(({ message }) => Buffer.from(message.redacted?.body ?? message.bytes));
    return [...logged, ...accepted];
  }

  function requireNoKey(what: string): void {
    assert.ok(kept().length > 0, what);
    for (const body of kept()) {
      for (const text of [
        body.toString("latin1"),
        body.toString("utf16le"),
        body.subarray(1).toString("utf16le"),
        body.toString("latin1").replaceAll("\0", ""),
      ]) {
        assert.ok(!text.toLowerCase().includes(KEY.toLowerCase()), what);
      }
    }
  }

  describe("of a message that brings keys", () => {
    const hidden: [what: string, body: string | Buffer, contentType?: string][] = [
      ["in a charset that its octets are not in", replaceKeys(keys(KEY)), "text/xml; charset=utf-16"],
      [
        "as UTF-16 that says it is ISO-8859-1",
        Buffer.from(replaceKeys(keys(KEY)), "utf16le"),
        "text/xml; charset=iso-8859-1",
      ],
      ["in UTF-32", utf32(replaceKeys(keys(KEY))), "text/xml; charset=utf-32"],
      ["in UTF-32 that says it is UTF-8", utf32(replaceKeys(keys(KEY)))],
      ["in a charset that nobody knows", replaceKeys(keys(KEY)), "text/xml; charset=x-mine"],
      ["in octets that are no UTF-8", Buffer.from(replaceKeys(keys(`\xff${KEY}`)), "latin1")],
      ["with a stray quote in the tag", replaceKeys(`<s:AuthenticationKey">${KEY}</s:AuthenticationKey>`)],
      ["with a stray quote after the tag", replaceKeys(`<s:AuthenticationKey a="x>${KEY}</s:AuthenticationKey>`)],
      ["cut in the middle", replaceKeys(keys(KEY)).slice(0, -100)],
      ["in a comment", replaceKeys(`<!-- ${KEY} -->${keys("00")}`)],
      [
        "in a comment with the element's name",
        replaceKeys(`<!-- <AuthenticationKey>${KEY}</AuthenticationKey> -->${keys("00")}`),
      ],
      ["in a CDATA section between elements", replaceKeys(`<![CDATA[${KEY}]]>${keys("00")}`)],
      ["in an attribute", replaceKeys(`<s:AuthenticationKey value="${KEY}"/><s:EncryptionKey>00</s:EncryptionKey>`)],
      [
        "in an attribute that the schema lets pass",
        replaceKeys(keys("00"), ` xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:schemaLocation="urn:x ${KEY}"`),
      ],
      ["in a namespace", replaceKeys(keys("00"), ` xmlns:k="urn:${KEY}"`)],
      ["in a namespace prefix's name", replaceKeys(keys("00"), ` xmlns:k="http://www.w3.org/${KEY}"`)],
      ["in a processing instruction", replaceKeys(`<?key ${KEY}?>${keys("00")}`)],
      ["in an entity", `<!DOCTYPE x [<!ENTITY k "${KEY}">]>${replaceKeys(keys("&k;")).slice(21)}`],
      [
        "in an element that has no place there",
        replaceKeys(`${keys("00")}<s:OldAuthenticationKey>${KEY}</s:OldAuthenticationKey>`),
      ],
      ["in another case", replaceKeys(`<s:authenticationkey>${KEY}</s:authenticationkey>`)],
      ["as text around its elements", replaceKeys(`${KEY}${keys("00")}`)],
      ["in CDATA pieces", replaceKeys(keys(`<![CDATA[${KEY.slice(0, 9)}]]><![CDATA[${KEY.slice(9)}]]>`))],
      [
        "in an element of another namespace",
        replaceKeys(`<x:AuthenticationKey xmlns:x="urn:x">${KEY}</x:AuthenticationKey>`),
      ],
    ];
    for (const [what, body, contentType = XML] of hidden) {
      it(`has no key that stands ${what}`, async () => {
        await server.post(body, { "content-type": contentType });
        requireNoKey(what);
        for (const { direction, body: wire } of server.ports.logged) {
          // The hash over the bytes as they came is what is left to prove the message with.
          if (direction === "in") assert.deepEqual(Buffer.from(wire), Buffer.from(body));
        }
      });
    }

    it("is the message with marks when it is just what the contract foresees, as toolkits write it", async () => {
      const soapEncoding = ' E:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"';
      for (const message of [
        replaceKeys(keys(KEY, KEY)),
        replaceKeys(keys(KEY, KEY)).replace("<E:Envelope", `<E:Envelope${soapEncoding}`),
        replaceKeys(keys(KEY, KEY)).replaceAll(/<c:(\w+)>/g, '<c:$1 E:mustUnderstand="1">'),
      ]) {
        server.ports.accepted.length = 0;
        assert.equal((await server.post(message)).status, 200);
        const { redacted } = server.ports.accepted[0]!.message;
        assert.equal(redacted?.count, 2);
        assert.equal(Buffer.from(redacted!.body).toString(), message.replaceAll(KEY, "***redacted***"));
      }
    });

    it("is everything when it only has the word in a longer one", async () => {
      const status = envelope(
        `<s:GetMbusEncryptionKeyStatusRequest><s:DeviceIdentification>${DEVICE}</s:DeviceIdentification></s:GetMbusEncryptionKeyStatusRequest>`,
      );
      await server.post(status);
      assert.equal(server.ports.accepted[0]!.message.redacted, undefined);
    });
  });

  describe("of a message whose sender is not known", () => {
    const garbage = envelope(`<x xmlns="urn:x">${`<y>${"z".repeat(60_000)}</y>`.repeat(15)}</x>`, "");

    it("is the first kilobyte, the length, where it came from and the hash of all", async () => {
      const stranger = envelope(`<x xmlns="urn:x">${`<y>${"z".repeat(60_000)}</y>`.repeat(15)}</x>`).replace(
        "test-org",
        "nobody",
      );
      for (const message of [garbage, stranger]) {
        server.ports.logged.length = 0;
        assert.equal((await server.post(gzipSync(message), { "content-encoding": "gzip" })).status, 500);
        const [received, answered] = server.ports.logged;
        const text = Buffer.from(received!.redacted!.body).toString();
        assert.ok(text.length < 1_200);
        assert.ok(text.startsWith(message.slice(0, 1_024)));
        assert.match(text, new RegExp(`${message.length} octets from 127\\.0\\.0\\.1$`));
        assert.equal(Buffer.from(received!.body).toString(), message);
        assert.ok((answered!.redacted?.body ?? answered!.body).length < 1_200);
      }
    });

    it("ends at a number a minute for one source, of which the operator is told once", async () => {
      for (let i = 0; i < 130; i++) assert.equal((await server.post("<x/>")).status, 500);
      assert.equal(server.ports.logged.length, 240);
      assert.deepEqual(
        server.ports.warnings.map(({ context }) => context),
        [{ source: "127.0.0.1" }],
      );
      // Who is known is logged all the same.
      await server.post(envelope("<s:GetFirmwareVersionRequest/>"));
      assert.equal(server.ports.logged.length, 242);
      clock.advance(60_000);
      await server.post("<x/>");
      assert.equal(server.ports.logged.length, 244);
    });
  });

  describe("of polls for what is not finished", () => {
    const poll = fetchEnvelope("s:GetFirmwareVersionAsyncRequest", UID);
    beforeEach(() => {
      server.ports.requests.fetch = () =>
        Promise.reject(
          new MetergateError("UNKNOWN_CORRELATION_UID", "The request is not finished yet.", {
            context: { state: "waiting" },
          }),
        );
    });

    it("is forty octets each: when it was, and the hash of question and answer", async () => {
      const first = await server.post(poll);
      clock.advance(5_000);
      for (let i = 0; i < 11; i++) await server.post(poll);
      assert.deepEqual(server.ports.logged, []);
      clock.advance(55_000);
      await nextTurn();
      const [entry, ...more]: LogEntry[] = server.ports.logged;
      assert.deepEqual(more, []);
      assert.deepEqual(
        [entry!.operation, entry!.correlationUid, entry!.device, entry!.caller?.organisation],
        ["GetGetFirmwareVersionResponse not finished", UID, DEVICE, "test-org"],
      );
      const records = Buffer.from(entry!.body);
      assert.equal(records.length, 12 * 40);
      assert.equal(Number(records.readBigUInt64BE(0)), 1_700_000_000_000);
      assert.equal(Number(records.readBigUInt64BE(40)), 1_700_000_005_000);
      const hash = createHash("sha256").update(poll).update(first.text).digest();
      assert.deepEqual(records.subarray(8, 40), hash);
    });

    it("is written early when there is much, and at the end", async () => {
      for (let i = 0; i < 65; i++) await server.post(poll);
      assert.equal(server.ports.logged.length, 1);
      await server.stop();
      assert.deepEqual(
        server.ports.logged.map(({ body }) => body.length / 40),
        [64, 1],
      );
      server = await SoapServer.start({ clock });
    });
  });

  it("has a deletion from the transaction that deletes, and once", async () => {
    server.ports.outcomes.set(UID, { actions: [] });
    const message = envelope(
      `<d:DeleteResponseDataRequest xmlns:d="${NS.smCommon}"><d:correlationUid>${UID}</d:correlationUid></d:DeleteResponseDataRequest>`,
    );
    const path = CONFIGURATION.replace("configuration", "common");
    server.ports.beforeLog = () => assert.fail("not logged beside the deletion");
    const answer = await server.post(message, { path });
    assert.equal(answer.status, 200);
    assert.deepEqual(
      server.ports.logged.map(({ direction, body }) => [direction, Buffer.from(body).toString()]),
      [
        ["in", message],
        ["out", answer.text],
      ],
    );
  });

  it("has refused messages of who is known as they were", async () => {
    const wrong = envelope("<s:GetFirmwareVersionRequest/>");
    await server.post(wrong);
    assert.equal(Buffer.from(server.ports.logged[0]!.body).toString(), wrong);
    assert.equal(server.ports.logged[0]!.redacted, undefined);
  });
});
