import { createHash, type X509Certificate } from "node:crypto";
import { DIGESTS, EXCLUSIVE_C14N, hashAlgorithms, SIGNATURE_SCHEMES, signatureAlgorithms } from "./algorithms.ts";
import {
  childrenOf,
  DSIG,
  type Inventory,
  onlyChild,
  parseDom,
  pathOf,
  SignatureRefused,
  takeInventory,
} from "./dom.ts";
import { xmlCrypto } from "./library.ts";

/** References that a signature may have; each is canonicalized and hashed. */
const MOST_REFERENCES = 16;

/** An element that is signed. */
export interface SignedPart {
  /** Names from the root of the document to where it stands, as `{namespace}name`. */
  readonly path: readonly string[];
  /** Its canonical form: these octets were signed, and nothing but them is to be read. */
  readonly canonical: string;
}

export interface VerifiedSignature {
  readonly certificate: X509Certificate;
  readonly parts: readonly SignedPart[];
  /**
   * Tells what is signed from all else, however the signature's value is written: lower-case hexadecimal SHA-256 of
   * the canonical SignedInfo.
   */
  readonly signedSha256: string;
}

export interface VerifyOptions {
  /** Where the one signature has to stand, as in `SignedPart.path`. */
  readonly place: readonly string[];
  /**
   * The certificate whose key signed; that it is believed is for the caller to say.
   * @throws SignatureRefused
   */
  certificateOf(signature: Element, inventory: Inventory): X509Certificate;
}

/** The value of `Algorithm`, if it is among those that are taken. @throws SignatureRefused */
function algorithmOf(element: Element, taken: Readonly<Record<string, unknown>> | string): string {
  const name = element.getAttribute("Algorithm") ?? "";
  if (typeof taken === "string" ? name === taken : Object.hasOwn(taken, name)) return name;
  throw new SignatureRefused(`${element.localName} ${name.slice(0, 100)} is not taken`);
}

/** Looks at a signature before anything is computed: exclusive canonicalization, listed algorithms, ids alone. */
function requirePlain(signature: Element, { ids }: Inventory): { scheme: string; targets: readonly Element[] } {
  const info = onlyChild(signature, DSIG, "SignedInfo");
  algorithmOf(onlyChild(info, DSIG, "CanonicalizationMethod"), EXCLUSIVE_C14N);
  const scheme = algorithmOf(onlyChild(info, DSIG, "SignatureMethod"), SIGNATURE_SCHEMES);
  const others = ["CanonicalizationMethod", "SignatureMethod"];
  const references = childrenOf(info).filter(({ localName }) => !others.includes(localName));
  if (references.some(({ namespaceURI, localName }) => namespaceURI !== DSIG || localName !== "Reference")) {
    throw new SignatureRefused("SignedInfo holds something that is no Reference");
  }
  if (references.length === 0 || references.length > MOST_REFERENCES) {
    throw new SignatureRefused(`SignedInfo has ${references.length} References; it may have 1 to ${MOST_REFERENCES}`);
  }
  const targets = references.map((reference) => {
    const uri = reference.getAttribute("URI") ?? "";
    const target = /^#[\w.:-]{1,200}$/.test(uri) ? ids.get(uri.slice(1)) : undefined;
    if (!target) throw new SignatureRefused("A Reference names no element of the message by its id");
    const [transform, ...more] = childrenOf(onlyChild(reference, DSIG, "Transforms"));
    if (!transform || more.length > 0) throw new SignatureRefused("A Reference must have one Transform");
    algorithmOf(transform, EXCLUSIVE_C14N);
    algorithmOf(onlyChild(reference, DSIG, "DigestMethod"), DIGESTS);
    return target;
  });
  if (new Set(targets).size < targets.length) throw new SignatureRefused("Two References name the same element");
  return { scheme, targets };
}

/**
 * Verifies the one signature of a document. What is read afterwards is the canonical form that was signed, and where the
 * signed element stood; never the document.
 * @throws SignatureRefused
 */
export function verifySignature(xml: string, { place, certificateOf }: VerifyOptions): VerifiedSignature {
  const inventory = takeInventory(parseDom(xml));
  const [signature, ...more] = inventory.signatures;
  if (!signature || more.length > 0) {
    throw new SignatureRefused(`The message has ${inventory.signatures.length} signatures; it must have one`);
  }
  if (pathOf(signature).join() !== place.join()) throw new SignatureRefused("The signature stands in the wrong place");
  const { scheme, targets } = requirePlain(signature, inventory);
  const certificate = certificateOf(signature, inventory);
  const kind = certificate.publicKey.asymmetricKeyType;
  if (kind !== SIGNATURE_SCHEMES[scheme]!.key)
    throw new SignatureRefused(`The certificate's key is of the kind ${kind}`);
  const { SignedXml } = xmlCrypto();
  const verifier = new SignedXml({ publicCert: certificate.publicKey, getCertFromKeyInfo: () => null });
  verifier.SignatureAlgorithms = signatureAlgorithms();
  verifier.HashAlgorithms = hashAlgorithms();
  const c14n = verifier.CanonicalizationAlgorithms[EXCLUSIVE_C14N]!;
  verifier.CanonicalizationAlgorithms = { [EXCLUSIVE_C14N]: c14n };
  let isValid = false;
  try {
    verifier.loadSignature(signature);
    isValid = verifier.checkSignature(xml);
  } catch {
    // xml-crypto quotes digests and values; that it is wrong is all that matters.
  }
  const signed = verifier.getSignedReferences();
  if (!isValid || signed.length !== targets.length) {
    throw new SignatureRefused("The signature does not fit what is signed, or the certificate");
  }
  const info = verifier.getCanonXml([EXCLUSIVE_C14N], onlyChild(signature, DSIG, "SignedInfo"));
  return {
    certificate,
    parts: targets.map((target, i) => ({ path: pathOf(target), canonical: signed[i]! })),
    signedSha256: createHash("sha256").update(info).digest("hex"),
  };
}
