import { createPrivateKey, type KeyObject, randomUUID, X509Certificate } from "node:crypto";
import { BASE64, WSSE, WSU, X509_V3 } from "../../src/soap/security/names.ts";
import {
  DIGEST_WITH,
  EXCLUSIVE_C14N,
  hashAlgorithms,
  SIGN_WITH,
  signatureAlgorithms,
} from "../../src/xml-signature/algorithms.ts";
import { xmlCrypto } from "../../src/xml-signature/library.ts";
import type { issue } from "../certificates/authority.ts";

export type Identity = ReturnType<typeof issue>;

/** How a message is signed, where that is another way than it should be. */
export interface Signing {
  readonly created?: string;
  readonly expires?: string;
  /** In place of Body and Timestamp. */
  readonly ids?: readonly string[];
  /** Inside the Security header before the signature is made. */
  readonly more?: string;
  readonly keyInfo?: string;
}

const SECURITY = "/*/*[local-name(.)='Header']/*[local-name(.)='Security']";

/** Signs elements with these ids, by another library than answers are signed with. */
function signXml(xml: string, ids: readonly string[], { key, keyInfo }: { key: KeyObject; keyInfo: string }): string {
  const { SignedXml } = xmlCrypto();
  const signer = new SignedXml({
    idMode: "wssecurity",
    privateKey: key,
    signatureAlgorithm: SIGN_WITH[key.asymmetricKeyType as keyof typeof SIGN_WITH],
    canonicalizationAlgorithm: EXCLUSIVE_C14N,
    getKeyInfoContent: () => keyInfo,
  });
  signer.SignatureAlgorithms = signatureAlgorithms();
  signer.HashAlgorithms = hashAlgorithms();
  for (const id of ids) {
    signer.addReference({
      xpath: `//*[@*[local-name(.)='Id']='${id}']`,
      transforms: [EXCLUSIVE_C14N],
      digestAlgorithm: DIGEST_WITH,
    });
  }
  signer.computeSignature(xml, { prefix: "ds", location: { reference: SECURITY, action: "append" } });
  return signer.getSignedXml();
}

/** A message with a Security header: body, time stamp and headers of WS-Addressing signed, as WSS4J does it. */
export function signed(envelope: string, { certificate, key }: Identity, how: Signing = {}): string {
  const created = how.created ?? new Date().toISOString();
  const token = new X509Certificate(certificate).raw.toString("base64");
  const expires = how.expires === undefined ? "" : `<wsu:Expires>${how.expires}</wsu:Expires>`;
  const security =
    `<wsse:Security xmlns:wsse="${WSSE}" xmlns:wsu="${WSU}" soapenv:mustUnderstand="1">` +
    `<wsse:BinarySecurityToken wsu:Id="X509" EncodingType="${BASE64}" ValueType="${X509_V3}">${token}</wsse:BinarySecurityToken>` +
    `<wsu:Timestamp wsu:Id="TS"><wsu:Created>${created}</wsu:Created>${expires}</wsu:Timestamp>${how.more ?? ""}</wsse:Security>`;
  let addressed = 0;
  const [, soap = ""] = /<(\w+):Envelope/.exec(envelope)!;
  const prepared = envelope
    .replace(`</${soap}:Header>`, `${security.replace("soapenv:", `${soap}:`)}</${soap}:Header>`)
    .replace(`<${soap}:Body>`, `<${soap}:Body xmlns:wsu="${WSU}" wsu:Id="B">`)
    .replace(/<(wsa:\w+)/g, (_, name) => `<${name} xmlns:wsu="${WSU}" wsu:Id="A${++addressed}"`);
  const addressing = Array.from({ length: addressed }, (_, i) => `A${i + 1}`);
  const keyInfo =
    how.keyInfo ??
    `<wsse:SecurityTokenReference xmlns:wsse="${WSSE}"><wsse:Reference URI="#X509" ValueType="${X509_V3}"/></wsse:SecurityTokenReference>`;
  const signer = { key: createPrivateKey(key), keyInfo };
  return signXml(prepared, how.ids ?? ["TS", "B", ...addressing], signer);
}

/** A message with an id of WS-Addressing. */
export function addressed(envelope: string, id = `urn:uuid:${randomUUID()}`): string {
  const header = `<wsa:MessageID xmlns:wsa="http://www.w3.org/2005/08/addressing">${id}</wsa:MessageID>`;
  return envelope.replace(/<\/\w+:Header>/, (end) => header + end);
}
