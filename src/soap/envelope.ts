import { XmlCData, XmlComment, type XmlDocument, XmlElement, XmlText } from "libxml2-wasm";
import { SOAP_11 } from "../lib/soap-namespace.ts";
import { SoapFault, shownName } from "./fault.ts";

/** SOAP 1.1 envelope namespace. */
const ACTOR_NEXT = "http://schemas.xmlsoap.org/soap/actor/next";

/** A header block: its name, its text and whether it may not be ignored. */
export interface HeaderBlock {
  readonly namespace: string;
  readonly name: string;
  readonly text: string;
  /** Text of the child `Address`, which endpoint references of WS-Addressing have. */
  readonly address: string | undefined;
  /** Marked with mustUnderstand="1" and meant for us. */
  readonly mandatory: boolean;
}

export interface Envelope {
  readonly headers: readonly HeaderBlock[];
  /** The one element in the body; it lives as long as the document. */
  readonly payload: XmlElement;
}

function elementsIn(parent: XmlElement, where: string): XmlElement[] {
  const elements: XmlElement[] = [];
  for (let node = parent.firstChild; node; node = node.next) {
    if (node instanceof XmlElement) elements.push(node);
    else if ((node instanceof XmlText || node instanceof XmlCData) && node.content.trim() !== "") {
      throw new SoapFault("Client", `The SOAP ${where} holds text between its elements`);
    }
  }
  return elements;
}

function isSoap(element: XmlElement | undefined, name: string): element is XmlElement {
  return element !== undefined && element.name === name && element.namespaceUri === SOAP_11;
}

function isMandatory(block: XmlElement): boolean {
  let mustUnderstand = false;
  let ours = true;
  for (const attribute of block.attrs) {
    if (attribute.namespaceUri !== SOAP_11) continue;
    if (attribute.name === "mustUnderstand") mustUnderstand = /^\s*(1|true)\s*$/.test(attribute.value);
    if (attribute.name === "actor") ours = ["", ACTOR_NEXT].includes(attribute.value.trim());
  }
  return mustUnderstand && ours;
}

function addressOf(block: XmlElement): string | undefined {
  if (!block.name.endsWith("To")) return undefined;
  for (let node = block.firstChild; node; node = node.next) {
    if (node instanceof XmlElement && node.name === "Address") return node.content.trim();
  }
  return undefined;
}

function readHeader(header: XmlElement): HeaderBlock[] {
  return elementsIn(header, "Header").map((block) => ({
    namespace: block.namespaceUri,
    name: block.name,
    text: block.content.trim(),
    address: addressOf(block),
    mandatory: isMandatory(block),
  }));
}

/** Texts before the body that are remembered, and the longest of them in characters. */
const MOST_HEADS = 500;
const LONGEST_HEAD = 4_000;

/**
 * Header blocks by the text of the document before its body. Callers send the same one again and again, and taking it
 * apart costs more than parsing the message.
 */
export class KnownHeads {
  readonly #heads = new Map<string, readonly HeaderBlock[]>();

  get(head: string): readonly HeaderBlock[] | undefined {
    return this.#heads.get(head);
  }

  add(head: string, headers: readonly HeaderBlock[]): void {
    if (head.length > LONGEST_HEAD) return;
    if (this.#heads.size >= MOST_HEADS) this.#heads.clear();
    this.#heads.set(head, headers);
  }
}

/** The last element in the root, if nothing but white space and comments follows it. */
function lastElement(root: XmlElement): XmlElement | undefined {
  let node = root.lastChild;
  while (node && (node instanceof XmlComment || (node instanceof XmlText && node.content.trim() === ""))) {
    node = node.prev;
  }
  return node instanceof XmlElement ? node : undefined;
}

/**
 * {@link openEnvelope} for a document whose text is at hand.
 * @param bodyAt where the last child of its root begins
 */
export function openKnownEnvelope(document: XmlDocument, text: string, bodyAt: number, known: KnownHeads): Envelope {
  const head = text.slice(0, bodyAt);
  const headers = known.get(head);
  const body = headers && lastElement(document.root);
  if (headers && isSoap(body, "Body")) return { headers, payload: payloadOf(body) };
  const envelope = openEnvelope(document);
  known.add(head, envelope.headers);
  return envelope;
}

/**
 * Takes a SOAP 1.1 envelope apart (SOAP 1.1, section 4; WS-I BP 1.1, R1011 and R2201).
 * @throws SoapFault VersionMismatch for an envelope of another namespace, Client for one that is not well built.
 */
export function openEnvelope(document: XmlDocument): Envelope {
  const root = document.root;
  if (root.name !== "Envelope") {
    throw new SoapFault("Client", `The message is not a SOAP Envelope but ${shownName(root.namespaceUri, root.name)}`);
  }
  if (root.namespaceUri !== SOAP_11) {
    throw new SoapFault("VersionMismatch", `The Envelope is not SOAP 1.1: its namespace must be ${SOAP_11}`);
  }
  const parts = elementsIn(root, "Envelope");
  const header = isSoap(parts[0], "Header") ? parts.shift() : undefined;
  const body = parts.shift();
  if (!isSoap(body, "Body") || parts.length > 0) {
    throw new SoapFault("Client", "The SOAP Envelope must hold at most one Header and then exactly one Body");
  }
  const payload = payloadOf(body);
  return { headers: header ? readHeader(header) : [], payload };
}

/** The one element in a body. @throws SoapFault Client */
export function payloadOf(body: XmlElement): XmlElement {
  const [payload, ...more] = elementsIn(body, "Body");
  if (!payload || more.length > 0) throw new SoapFault("Client", "The SOAP Body must hold exactly one element");
  return payload;
}
