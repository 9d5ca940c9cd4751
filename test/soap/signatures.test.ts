import assert from "node:assert/strict";
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { Trust } from "../../src/http/trust.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { PASSWORD_DIGEST, WSSE, WSU } from "../../src/soap/security/names.ts";
import { openSignedMessage } from "../../src/soap/security/signed-message.ts";
import { AUTHORITY, issue, SERVER } from "../certificates/authority.ts";
import { BUNDLE, CONFIGURATION, DEVICE, envelope, GET_FIRMWARE_VERSION, SoapServer } from "./harness.ts";
import { addressed, signed } from "./signed-messages.ts";

const caller = issue("test-org");
const faultOf = (text: string) => /<faultstring>([^<]*)</.exec(text)?.[1] ?? text;

describe("an organisation that signs", () => {
  let server: SoapServer;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock(Date.now());
    server = await SoapServer.start({ clock });
    server.ports.organisations.set("test-org", { identification: "test-org", enabled: true, signed: true });
    server.ports.trust = new Trust([new X509Certificate(AUTHORITY.certificate)], []);
    server.ports.signer = {
      certificate: new X509Certificate(SERVER.certificate),
      key: createPrivateKey(SERVER.key),
    };
  });
  afterEach(() => server.stop());

  for (const keyType of ["ec", "rsa"] as const) {
    it(`is heard, and its answer is signed the same way, ${keyType}`, async () => {
      const identity = keyType === "ec" ? caller : issue("test-org", { keyType });
      const { status, text } = await server.post(signed(addressed(GET_FIRMWARE_VERSION), identity));
      assert.equal(status, 200, text);
      assert.equal(server.ports.accepted[0]?.device, DEVICE);
      const headers = [...text.matchAll(/<wsa:(\w+) [^>]*xmlns:wsa="([^"]*)"[^>]*>([^<]*)</g)].map(
        ([, name, namespace, value]) => ({
          ...{ name: name!, namespace: namespace!, text: value!, address: undefined, mandatory: false },
        }),
      );
      assert.deepEqual(headers.map(({ name }) => name).sort(), ["Action", "RelatesTo"]);
      const answer = openSignedMessage(text, headers);
      assert.equal(answer.certificate.subject, "CN=localhost");
      assert.match(answer.body, /<\w+:CorrelationUid[^>]*>test-org/);
      assert.equal(answer.created, new Date(clock.now()).toISOString());
    });
  }

  it("keeps nobody waiting with a long message, and hears of it the same as of a short one", async () => {
    const attribute =
      "<b:GetSpecificAttributeValueRequest><a:ClassId>1</a:ClassId><a:Attribute>2</a:Attribute><a:ObisCode><c:a>1</c:a>" +
      "<c:b>0</c:b><c:c>0</c:c><c:d>2</c:d><c:e>0</c:e><c:f>255</c:f></a:ObisCode></b:GetSpecificAttributeValueRequest>";
    const device = `<b:DeviceIdentification>${DEVICE}</b:DeviceIdentification>`;
    const long = envelope(
      `<b:BundleRequest>${device}<b:Actions>${attribute.repeat(300)}</b:Actions></b:BundleRequest>`,
    );
    assert.ok(long.length > 60_000);
    const isOver = { now: false };
    const message = signed(long, caller);
    const heard = server.post(message, { path: BUNDLE }).finally(() => {
      isOver.now = true;
    });
    const tampered = server.post(message.replace("<c:a>1<", "<c:a>2<"), { path: BUNDLE });
    let others = 0;
    for (; !isOver.now; others++) {
      const { text } = await server.post(GET_FIRMWARE_VERSION.replace("test-org", "other-org"));
      assert.match(text, /CorrelationUid/);
    }
    assert.ok(others >= 5, `${others} others were answered meanwhile`);
    assert.match((await heard).text, /CorrelationUid/);
    assert.equal(server.ports.accepted.find(({ operation }) => operation === "Bundle")?.actions.length, 300);
    assert.match(faultOf((await tampered).text), /The signature is refused: The signature does not fit/);
  });

  it("gets faults signed, too, once it has proved itself", async () => {
    server.ports.beforeAccept = () => {
      throw new RangeError("broken");
    };
    const { text } = await server.post(signed(GET_FIRMWARE_VERSION, caller));
    assert.match(openSignedMessage(text, []).body, /<faultstring>INTERNAL</);
  });

  it("repeats a request by its MessageID with a new time stamp and signature: what is asked is the same", async () => {
    for (const _ of [1, 2]) {
      const { status, text } = await server.post(signed(addressed(GET_FIRMWARE_VERSION, "urn:uuid:1"), caller));
      assert.equal(status, 200, text);
      clock.advance(5);
    }
    const [first, second] = server.ports.accepted;
    assert.equal(first?.contentSha256, second?.contentSha256);
    assert.notDeepEqual(first?.message.bytes, second?.message.bytes);
  });

  it("is not heard twice with the same message, nor without a signature", async () => {
    const message = signed(GET_FIRMWARE_VERSION, caller);
    assert.equal((await server.post(message)).status, 200);
    assert.match(faultOf((await server.post(message)).text), /^The message came before/);
    assert.match(
      faultOf((await server.post(GET_FIRMWARE_VERSION)).text),
      /^Messages of organisation test-org must be signed/,
    );
    assert.equal(server.ports.accepted.length, 1);
  });

  it("is told what a signature lacks", async () => {
    const ago = (ms: number) => new Date(clock.now() - ms).toISOString();
    const cases: [message: string, expected: RegExp][] = [
      [signed(GET_FIRMWARE_VERSION, caller, { ids: ["TS"] }), /refused: the Body is not signed/],
      [signed(GET_FIRMWARE_VERSION, caller, { ids: ["B"] }), /refused: the Timestamp is not signed/],
      [
        signed(addressed(GET_FIRMWARE_VERSION), caller, { ids: ["TS", "B"] }),
        /refused: the header MessageID is not signed/,
      ],
      [
        signed(GET_FIRMWARE_VERSION, caller, { created: ago(400_000) }),
        /older than five minutes; the clock here says 20/,
      ],
      [signed(GET_FIRMWARE_VERSION, caller, { created: ago(-90_000) }), /created in the future/],
      [signed(GET_FIRMWARE_VERSION, caller, { expires: ago(61_000) }), /has expired/],
      [signed(GET_FIRMWARE_VERSION, caller, { created: "2026-01-01T00:00:00" }), /Created is no date and time/],
      [signed(GET_FIRMWARE_VERSION, issue("other-org")), /the certificate is for other-org, not for test-org/],
      [signed(GET_FIRMWARE_VERSION, caller, { keyInfo: "<ds:KeyName>x</ds:KeyName>" }), /KeyInfo must name/],
    ];
    for (const [message, expected] of cases) assert.match(faultOf((await server.post(message)).text), expected);
    assert.equal(server.ports.accepted.length, 0);
  });

  it("without the setting is asked no signature, and a header that must be understood is not", async () => {
    server.ports.organisations.delete("test-org");
    const { text } = await server.post(signed(GET_FIRMWARE_VERSION, caller));
    assert.match(text, /<faultcode>SOAP-ENV:MustUnderstand</);
  });
});

describe("a UsernameToken", () => {
  let server: SoapServer;
  beforeEach(async () => {
    server = await SoapServer.start();
    server.ports.usernameTokens = true;
    server.ports.peer = { kind: "stranger", reason: "no client certificate was presented", hasNoCertificate: true };
  });
  afterEach(() => server.stop());

  function withToken({
    user = "clerk",
    password = "secret of test-org",
    type = PASSWORD_DIGEST,
    nonce = String(Math.random()),
    created = new Date().toISOString(),
  } = {}) {
    const octets = Buffer.from(nonce);
    const digest = createHash("sha1").update(octets).update(created).update(password).digest("base64");
    const token =
      `<o:Security xmlns:o="${WSSE}" E:mustUnderstand="1"><o:UsernameToken><o:Username>${user}</o:Username>` +
      `<o:Password Type="${type}">${digest}</o:Password><o:Nonce>${octets.toString("base64")}</o:Nonce>` +
      `<u:Created xmlns:u="${WSU}">${created}</u:Created></o:UsernameToken></o:Security>`;
    return GET_FIRMWARE_VERSION.replace("</E:Header>", `${token}</E:Header>`);
  }
  const send = async (message: string) => faultOf((await server.post(message, { path: CONFIGURATION })).text);

  it("proves who has no certificate, once", async () => {
    const message = withToken();
    assert.match(await send(message), /CorrelationUid/);
    assert.match(await send(message), /came before/);
    assert.equal(server.ports.accepted.length, 1);
  });

  it("is refused when anything of it is wrong, and leaves no digest in the log", async () => {
    for (const [message, expected] of [
      [withToken({ password: "guess" }), /user name or password is wrong/],
      [withToken({ user: "nobody" }), /user name or password is wrong/],
      [withToken({ type: PASSWORD_DIGEST.replace("Digest", "Text") }), /must be of the type PasswordDigest/],
      [withToken({ created: new Date(Date.now() - 400_000).toISOString() }), /older than five minutes/],
      [withToken({ nonce: "" }), /its Nonce has 1 to/],
      [GET_FIRMWARE_VERSION, /^Client certificate is untrusted or invalid for organisation \[test-org\]: no client/],
    ] as const) {
      assert.match(await send(message), expected);
    }
    assert.equal(server.ports.accepted.length, 0);
    const logged = server.ports.logged.map(({ body, redacted }) => Buffer.from(redacted?.body ?? body).toString());
    assert.ok(logged.length > 0 && !logged.some((text) => /<o:Password[^>]*>[^*<]/.test(text)));
  });

  it("is taken over TLS only, and where it is asked for", async () => {
    server.ports.peer = { kind: "anybody" };
    assert.match(await send(withToken()), /taken over TLS only/);
    server.ports.peer = { kind: "stranger", reason: "the certificate expired" };
    assert.match(await send(withToken()), /untrusted or invalid: the certificate expired/);
    server.ports.peer = { kind: "stranger", reason: "no client certificate was presented", hasNoCertificate: true };
    server.ports.usernameTokens = false;
    assert.match(await send(withToken()), /untrusted or invalid: no client/);
  });
});
