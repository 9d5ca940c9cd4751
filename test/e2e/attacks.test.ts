import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { selfSigned } from "../../src/certificates/authority.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { WSSE, WSU } from "../../src/soap/security/names.ts";
import { DSIG } from "../../src/xml-signature/dom.ts";
import { issue, wanted } from "../certificates/authority.ts";
import { type Signing, signed } from "../soap/signed-messages.ts";
import { AttackWorld, about, fetching, GAS_METER, type Heard, METER, message, SIGNED_METER } from "./attack-world.ts";

/** What is tried, and the fault that it ends in. */
interface Attack {
  readonly what: string;
  readonly by: (world: AttackWorld) => Promise<Heard>;
  readonly fault: RegExp;
  readonly status?: number;
}

/** Year 2100: taken now, run never. */
const NEVER = "<com:ScheduleTime>4102444800000</com:ScheduleTime>";
const SIGNED = about("signing-org", SIGNED_METER, "GetFirmwareVersion", NEVER);
const OWN = about("test-org", METER, "GetFirmwareVersion", NEVER);
/** Longer than a right that was withdrawn may be believed. */
const LATER_MS = 1_500;

/** A message of `signing-org`, made anew each time, and what an attacker makes of it. */
function tampered(change: (text: string) => string, how?: Signing) {
  return (world: AttackWorld) => {
    const text = signed(SIGNED, world.identities.get("signing-org")!, how);
    const changed = change(text);
    assert.ok(changed !== text || how !== undefined, "the attack changes something");
    return world.send(changed);
  };
}

/** Moves the signed body somewhere else, and puts one that changes keys in its place. */
function wrapped(place: (text: string, body: string) => string, id = "") {
  return tampered((text) => {
    const [body = ""] = /<soapenv:Body[\s\S]*<\/soapenv:Body>/.exec(text)!;
    const element = "sm:GenerateAndReplaceKeysRequest";
    const device = `<sm:DeviceIdentification>${SIGNED_METER}</sm:DeviceIdentification>`;
    const other = `<soapenv:Body${id}><${element}>${device}</${element}></soapenv:Body>`;
    return place(text.replace(body, other), body);
  });
}

const inElement = (text: string, before: string, wrapping: (body: string) => string) => (body: string) =>
  text.replace(before, wrapping(body) + before);

const rights: Attack[] = [
  {
    what: "no certificate",
    by: (world) => world.send(OWN, { identity: undefined }),
    fault:
      /Client certificate is untrusted or invalid for organisation \[test-org\]: no client certificate was presented/,
  },
  {
    what: "certificate of another organisation",
    by: (world) => world.send(OWN, { identity: world.identities.get("other-org") }),
    fault: /invalid for organisation \[test-org\]: the certificate is for other-org, not for test-org/,
  },
  {
    what: "certificate whose name differs in case",
    by: (world) => world.send(OWN, { identity: issue("TEST-ORG") }),
    fault: /the certificate is for TEST-ORG, not for test-org/,
  },
  {
    what: "expired certificate",
    by: (world) => world.send(OWN, { identity: issue("test-org", { valid: { from: -9, to: -1 } }) }),
    fault: /the certificate expired on .*; the clock here says/,
  },
  {
    what: "certificate of tomorrow",
    by: (world) => world.send(OWN, { identity: issue("test-org", { valid: { from: 1, to: 9 } }) }),
    fault: /the certificate is not valid before/,
  },
  {
    what: "revoked certificate",
    by: (world) => world.send(OWN, { identity: world.revoked }),
    fault: /the certificate was revoked/,
  },
  {
    what: "certificate that signed itself",
    by: (world) => world.send(OWN, { identity: selfSigned(wanted("test-org"), { client: true }, systemRandom) }),
    fault: /the certificate signed itself/,
  },
  {
    what: "certificate of an authority that nobody believes",
    by: (world) => world.send(OWN, { identity: issue("test-org", { by: world.stranger }) }),
    fault: /not issued by one of the authorities/,
  },
  {
    what: "certificate of an authority with the name of one that is believed",
    by: (world) => world.send(OWN, { identity: issue("test-org", { by: world.namesake }) }),
    fault: /not issued by one of the authorities/,
  },
  {
    what: "certificate for servers",
    by: (world) => world.send(OWN, { identity: issue("test-org", { use: { server: true } }) }),
    fault: /not for client authentication/,
  },
  {
    what: "certificate of an authority below",
    by: (world) => world.send(OWN, { identity: issue("test-org", { use: { authority: true } }) }),
    fault: /is an authority's, not a caller's/,
  },
  {
    what: "forwarded certificate of a stranger",
    by: (world) =>
      world.send(OWN, {
        identity: undefined,
        headers: { "client-cert": encodeURIComponent(world.identities.get("test-org")!.certificate) },
      }),
    fault: /no client certificate was presented/,
  },
  {
    what: "forwarded certificate beside one's own",
    by: (world) =>
      world.send(OWN, {
        identity: world.identities.get("other-org"),
        headers: { "client-cert": encodeURIComponent(world.identities.get("test-org")!.certificate) },
      }),
    fault: /the certificate is for other-org, not for test-org/,
  },
  {
    what: "organisation that nobody registered",
    by: (world) => world.send(about("unknown-org", METER)),
    fault: /<com:Code>101</,
  },
  {
    what: "another organisation's device",
    by: (world) => world.send(about("other-org", METER)),
    fault: /<com:Code>301<.*other-org is not authorised for GetFirmwareVersion on device TEST1024/,
  },
  {
    what: "another organisation's gateway, through one's own device behind it",
    by: (world) => world.send(about("gas-org", GAS_METER, "GetFirmwareVersionGas")),
    fault: /<com:Code>301<.*gas-org is not authorised for GetFirmwareVersionGas on device TEST1027/,
  },
  {
    what: "keys of a device that one may only read",
    by: (world) => world.send(about("reader-org", METER, "GenerateAndReplaceKeys")),
    fault: /<com:Code>301<.*reader-org is not authorised for GenerateAndReplaceKeys/,
  },
  {
    what: "right that was withdrawn while the request waits",
    by: async (world) => {
      const right = { device: METER, organisation: "other-org", functionGroup: "FIRMWARE" } as const;
      const { organisations } = world.world.service.store;
      await organisations.grant(right, []);
      const later = `<com:ScheduleTime>${Date.now() + LATER_MS}</com:ScheduleTime>`;
      const uid = await world.accept(about("other-org", METER, "GetFirmwareVersion", later));
      await organisations.revoke(right, []);
      return world.result("other-org", METER, uid);
    },
    fault: /<com:Code>301<.*other-org is not authorised for GetFirmwareVersion on device TEST1024\d+ any more/,
  },
  {
    what: "organisation that was disabled",
    by: async (world) => {
      const { organisations } = world.world.service.store;
      const gone = { identification: "gone-org", enabled: false };
      await organisations.add(gone, []);
      return world.send(about("gone-org", METER), { identity: issue("gone-org") });
    },
    fault: /<com:Code>104</,
  },
  {
    what: "another organisation's result",
    by: async (world) => world.send(fetching("other-org", METER, await world.accept(OWN))),
    fault: /<com:Code>405<.*Unknown: there is no such request of this organisation/,
  },
  {
    what: "deletion of another organisation's result",
    by: async (world) => {
      const uid = await world.accept(OWN);
      const body = `<sm:DeleteResponseDataRequest><sm:correlationUid>${uid}</sm:correlationUid></sm:DeleteResponseDataRequest>`;
      return world.send(message("other-org", body, { service: "common" }), { service: "common" });
    },
    fault: /<com:Code>405</,
  },
  {
    what: "flood by one organisation",
    status: 503,
    by: async (world) => {
      const all = await Promise.all(Array.from({ length: 30 }, () => world.send(about("flood-org", METER))));
      const refused = all.filter(({ status }) => status === 503);
      assert.ok(refused.length >= 10, `${refused.length} of 30 were refused`);
      assert.equal(refused[0]!.retryAfter, "1");
      return refused[0]!;
    },
    fault: /SERVICE_BUSY.*flood-org sends more than 5 messages within a second/,
  },
  {
    what: "guessed UsernameToken",
    by: (world) => {
      const token =
        `<wsse:Security xmlns:wsse="${WSSE}"><wsse:UsernameToken><wsse:Username>clerk</wsse:Username>` +
        `<wsse:Password Type="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-username-token-profile-1.0#PasswordDigest">AAAA</wsse:Password>` +
        `<wsse:Nonce>AAAA</wsse:Nonce><wsu:Created xmlns:wsu="${WSU}">${new Date().toISOString()}</wsu:Created>` +
        `</wsse:UsernameToken></wsse:Security>`;
      return world.send(OWN.replace("</soapenv:Header>", `${token}</soapenv:Header>`), { identity: undefined });
    },
    fault: /The UsernameToken is refused: user name or password is wrong/,
  },
];

const documents: Attack[] = [
  {
    what: "external entity",
    by: (world) => world.send(`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${OWN.replace(METER, "&e;")}`),
    fault: /document type declaration/,
  },
  {
    what: "entities that grow",
    by: (world) =>
      world.send(
        `<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>${OWN.replace(METER, "&b;&b;")}`,
      ),
    fault: /document type declaration/,
  },
  {
    what: "processing instruction",
    by: (world) => world.send(OWN.replace(METER, `<?x y?>${METER}`)),
    fault: /processing instruction/,
  },
  {
    what: "message beyond the limit",
    by: (world) => world.send(OWN.replace(METER, "x".repeat(1_100_000))),
    fault: /larger than 1048576 bytes/,
  },
  {
    what: "message that grows when it is unpacked",
    by: (world) =>
      world.send(gzipSync(Buffer.alloc(30_000_000)), {
        headers: { "content-encoding": "gzip" },
        identity: world.identities.get("test-org"),
      }),
    fault: /larger than 1048576 bytes/,
  },
  {
    what: "elements a hundred deep",
    by: (world) => world.send(OWN.replace(METER, "<a>".repeat(200) + "</a>".repeat(200))),
    fault: /more than 100 levels deep/,
  },
  {
    what: "header twice, with two organisations",
    by: (world) =>
      world.send(
        OWN.replace(
          "<com:UserName>",
          "<com:OrganisationIdentification>other-org</com:OrganisationIdentification><com:UserName>",
        ),
      ),
    fault: /OrganisationIdentification: stands there more than once/,
  },
];

const signatures: Attack[] = [
  {
    what: "message without the signature that is asked for",
    by: (world) => world.send(about("signing-org", SIGNED_METER)),
    fault: /Messages of organisation signing-org must be signed/,
  },
  {
    what: "body changed after it was signed",
    by: tampered((text) => text.replace(SIGNED_METER, METER)),
    fault: /The signature does not fit/,
  },
  {
    what: "time stamp changed after it was signed",
    by: tampered((text) =>
      text.replace(/<wsu:Created>[^<]*</, `<wsu:Created>${new Date(Date.now() + 1000).toISOString()}<`),
    ),
    fault: /The signature does not fit/,
  },
  {
    what: "wrapping: signed body in the header",
    by: wrapped((text, body) => inElement(text, "</soapenv:Header>", (it) => `<w>${it}</w>`)(body)),
    fault: /The signature is refused: the Body is not signed/,
  },
  {
    what: "wrapping: signed body in an object of the signature",
    by: wrapped((text, body) => inElement(text, "</ds:Signature>", (it) => `<ds:Object>${it}</ds:Object>`)(body)),
    fault: /The signature is refused: the Body is not signed/,
  },
  {
    what: "wrapping: signed body inside the other body's element",
    by: wrapped((text, body) => inElement(text, "</sm:GenerateAndReplaceKeysRequest>", (it) => it)(body)),
    fault: /Validation error|the Body is not signed/,
  },
  {
    what: "wrapping: other body with the id of the signed one",
    by: wrapped(
      (text, body) => inElement(text, "</soapenv:Header>", (it) => `<w>${it}</w>`)(body),
      ` xmlns:wsu="${WSU}" wsu:Id="B"`,
    ),
    fault: /Two elements of the message have the same id/,
  },
  {
    what: "wrapping: two bodies, the signed one last",
    by: wrapped((text, body) => inElement(text, "</soapenv:Envelope>", (it) => it)(body)),
    fault: /at most one Header and then exactly one Body/,
  },
  {
    what: "wrapping: signed envelope inside another",
    by: tampered((text) =>
      about("signing-org", SIGNED_METER).replace(
        "</soapenv:Header>",
        `<w>${text.replace(/<\?xml.*?\?>/, "")}</w></soapenv:Header>`,
      ),
    ),
    fault: /must be signed/,
  },
  {
    what: "wrapping: signed time stamp elsewhere, a new one in its place",
    by: tampered(
      (text) => {
        const [stamp = ""] = /<wsu:Timestamp[\s\S]*?<\/wsu:Timestamp>/.exec(text)!;
        const fresh = `<wsu:Timestamp><wsu:Created>${new Date().toISOString()}</wsu:Created></wsu:Timestamp>`;
        return text.replace(stamp, `${fresh}<w>${stamp}</w>`);
      },
      { created: new Date(Date.now() - 3_600_000).toISOString() },
    ),
    fault: /the Timestamp is not signed/,
  },
  {
    what: "second signature",
    by: tampered((text) => {
      const [signature = ""] = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(text)!;
      return text.replace(signature, signature + signature);
    }),
    fault: /has 2 signatures; it must have one/,
  },
  {
    what: "signature outside of the Security header",
    by: tampered((text) => {
      const [signature = ""] = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(text)!;
      return text.replace(signature, "").replace("</soapenv:Header>", `${signature}</soapenv:Header>`);
    }),
    fault: /The signature stands in the wrong place/,
  },
  {
    what: "SHA-1 as signature",
    by: tampered((text) =>
      text.replace(/SignatureMethod Algorithm="[^"]*"/, `SignatureMethod Algorithm="${DSIG}rsa-sha1"`),
    ),
    fault: /SignatureMethod .*rsa-sha1 is not taken/,
  },
  {
    what: "SHA-1 as digest",
    by: tampered((text) => text.replace(/DigestMethod Algorithm="[^"]*"/, `DigestMethod Algorithm="${DSIG}sha1"`)),
    fault: /DigestMethod .*sha1 is not taken/,
  },
  {
    what: "HMAC with the public key",
    by: tampered((text) =>
      text.replace(/SignatureMethod Algorithm="[^"]*"/, `SignatureMethod Algorithm="${DSIG}hmac-sha1"`),
    ),
    fault: /hmac-sha1 is not taken/,
  },
  {
    what: "transform that picks what is signed",
    by: tampered((text) =>
      text.replace(/Transform Algorithm="[^"]*"/, 'Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"'),
    ),
    fault: /Transform .*xpath-19991116 is not taken/,
  },
  {
    what: "inclusive canonicalization",
    by: tampered((text) =>
      text.replace(
        /CanonicalizationMethod Algorithm="[^"]*"/,
        'CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"',
      ),
    ),
    fault: /CanonicalizationMethod .* is not taken/,
  },
  {
    what: "reference to the whole document",
    by: tampered((text) => text.replace('URI="#B"', 'URI=""')),
    fault: /names no element of the message by its id/,
  },
  {
    what: "reference that breaks out of a search",
    by: tampered((text) => text.replace('URI="#B"', `URI="#B' or '1'='1"`)),
    fault: /names no element of the message by its id/,
  },
  {
    what: "signature by whoever made a certificate for himself",
    by: (world) => world.send(signed(SIGNED, selfSigned(wanted("signing-org"), { client: true }, systemRandom))),
    fault: /The signature is refused: the certificate signed itself/,
  },
  {
    what: "signature by another organisation",
    by: (world) => world.send(signed(SIGNED, world.identities.get("other-org")!)),
    fault: /the certificate is for other-org, not for signing-org/,
  },
  {
    what: "another certificate beside the signature",
    by: (world) => {
      const text = signed(SIGNED, world.identities.get("other-org")!);
      const own = world.identities.get("signing-org")!.certificate.replace(/-----[A-Z ]+-----|\s/g, "");
      return world.send(text.replace(/(<wsse:BinarySecurityToken[^>]*>)[^<]*/, `$1${own}`));
    },
    fault: /The signature does not fit/,
  },
  {
    what: "message that came before",
    by: async (world) => {
      const text = signed(SIGNED, world.identities.get("signing-org")!);
      await world.accept(text);
      return world.send(text);
    },
    fault: /The message came before/,
  },
  {
    what: "message that came before, with a comment in a signed value",
    by: async (world) => {
      const text = signed(SIGNED, world.identities.get("signing-org")!);
      await world.accept(text);
      return world.send(text.replace(SIGNED_METER, `${SIGNED_METER.slice(0, 5)}<!-- -->${SIGNED_METER.slice(5)}`));
    },
    fault: /The message came before/,
  },
  {
    what: "processing instruction in a signed value",
    by: tampered((text) => text.replace(SIGNED_METER, `${SIGNED_METER.slice(0, 5)}<?x y?>${SIGNED_METER.slice(5)}`)),
    fault: /processing instruction/,
  },
  {
    what: "entity in a signed value",
    by: tampered(
      (text) => `<!DOCTYPE x [<!ENTITY e "1">]>${text.replace(SIGNED_METER, `${SIGNED_METER.slice(0, -1)}&e;`)}`,
    ),
    fault: /document type declaration/,
  },
  {
    what: "stale time stamp",
    by: tampered((text) => text, { created: new Date(Date.now() - 3_600_000).toISOString() }),
    fault: /The message is older than five minutes; the clock here says/,
  },
];

describe("an attack", () => {
  const world = new AttackWorld();
  before(() => world.start());
  after(() => world.stop());

  for (const { what, by, fault, status = 500 } of [...rights, ...documents, ...signatures]) {
    it(`ends in a fault and in the log, and costs no other caller: ${what}`, async () => {
      const { messageLog } = world.world.service.store;
      const before = await messageLog.size();
      // Whoever has its right is heard at the same time.
      const [heard, uid] = await Promise.all([by(world), world.accept(OWN)]);
      assert.match(uid, /^test-org\|\|\|/);
      assert.match(heard.text, /<SOAP-ENV:Fault>/);
      assert.match(heard.text, fault);
      assert.equal(heard.status, status);
      assert.ok((await messageLog.size()) >= before + 4, "both messages and their answers are in the log");
    });
  }

  it("leaves those who may alone while rights and organisations change", async () => {
    const { organisations } = world.world.service.store;
    const right = { device: METER, organisation: "other-org", functionGroup: "CONFIGURATION" } as const;
    let [stop, heard] = [false, 0];
    const load = Array.from({ length: 4 }, async () => {
      for (; !stop; heard++) assert.match(await world.accept(OWN), /^test-org/);
    });
    const [before, disabled] = [
      { identification: "changing-org", enabled: true },
      { identification: "changing-org", enabled: false },
    ];
    await organisations.add(before, []);
    for (let i = 0; i < 10; i++) {
      assert.equal(await organisations.grant(right, []), true);
      assert.equal(await organisations.replace(before, disabled, []), true);
      assert.equal(await organisations.revoke(right, []), true);
      assert.equal(await organisations.replace(disabled, before, []), true);
    }
    stop = true;
    await Promise.all(load);
    assert.ok(heard >= 4);
  });

  it("is told to nobody as a defect, and what is in the table is enough", () => {
    assert.deepEqual(
      world.world.complaints.filter((text) => !/more refused messages/.test(text)),
      [],
    );
    assert.ok(rights.length + documents.length + signatures.length >= 30);
  });
});
