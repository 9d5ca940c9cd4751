import assert from "node:assert/strict";
import { selfSigned } from "../../src/certificates/authority.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { WSU } from "../../src/soap/security/names.ts";
import { DSIG } from "../../src/xml-signature/dom.ts";
import { wanted } from "../certificates/authority.ts";
import { type Signing, signed } from "../soap/signed-messages.ts";
import { type Attack, type AttackWorld, about, METER, NEVER, SIGNED_METER } from "./attack-world.ts";

const SIGNED = about("signing-org", SIGNED_METER, "GetFirmwareVersion", NEVER);

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

/** By messages that were signed, but not like this. */
export const ON_SIGNATURES: readonly Attack[] = [
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
