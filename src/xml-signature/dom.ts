import { xmlDom } from "./library.ts";

/** A signature that is not taken; the message says why, and nothing of what was signed. */
export class SignatureRefused extends Error {
  readonly code = "SIGNATURE_REFUSED";
}

export const DSIG = "http://www.w3.org/2000/09/xmldsig#";
/** Names of attributes that name an element, whatever their namespace: as xml-crypto looks for them. */
const ID_NAMES: ReadonlySet<string> = new Set(["Id", "ID", "id"]);
const ELEMENT = 1;
const PROCESSING_INSTRUCTION = 7;
const DOCUMENT_TYPE = 10;

/** A document as xml-crypto reads it. @throws SignatureRefused when it is not well-formed */
export function parseDom(xml: string): Document {
  const refuse = () => {
    throw new SignatureRefused("The message is not well-formed XML");
  };
  const errorHandler = { warning: refuse, error: refuse, fatalError: refuse };
  const { DOMParser } = xmlDom();
  const document = new DOMParser({ errorHandler }).parseFromString(xml, "text/xml") as Document | undefined;
  if (!document?.documentElement) return refuse();
  return document;
}

/** The name of an element with its namespace. */
function qualifiedName({ namespaceURI, localName }: Element): string {
  return `{${namespaceURI ?? ""}}${localName}`;
}

export function childrenOf(parent: Node): Element[] {
  const children: Element[] = [];
  for (let node = parent.firstChild; node; node = node.nextSibling) {
    if (node.nodeType === ELEMENT) children.push(node as Element);
  }
  return children;
}

/** The one child of that name. @throws SignatureRefused when there is none, or more than one */
export function onlyChild(parent: Element, namespace: string, name: string): Element {
  const [child, ...more] = childrenOf(parent).filter(
    (each) => each.namespaceURI === namespace && each.localName === name,
  );
  if (child && more.length === 0) return child;
  throw new SignatureRefused(`${parent.localName} has ${child ? more.length + 1 : "no"} ${name}; it must have one`);
}

/** Names from the root to an element. */
export function pathOf(element: Element): string[] {
  const path: string[] = [];
  for (let node: Node | null = element; node?.nodeType === ELEMENT; node = node.parentNode) {
    path.unshift(qualifiedName(node as Element));
  }
  return path;
}

/** What a document holds that matters to signatures. */
export interface Inventory {
  readonly signatures: readonly Element[];
  readonly ids: ReadonlyMap<string, Element>;
}

/** @throws SignatureRefused for an id that two elements have, a DOCTYPE or a processing instruction */
export function takeInventory(document: Document): Inventory {
  const signatures: Element[] = [];
  const ids = new Map<string, Element>();
  const pending: Node[] = [document];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (node.nodeType === DOCUMENT_TYPE) throw new SignatureRefused("The message holds a document type declaration");
    if (node.nodeType === PROCESSING_INSTRUCTION && node.nodeName !== "xml") {
      throw new SignatureRefused("The message holds a processing instruction");
    }
    if (node.nodeType === ELEMENT) {
      const element = node as Element;
      if (element.namespaceURI === DSIG && element.localName === "Signature") signatures.push(element);
      for (const { localName, value } of Array.from(element.attributes)) {
        if (!ID_NAMES.has(localName)) continue;
        if (ids.has(value)) throw new SignatureRefused("Two elements of the message have the same id");
        ids.set(value, element);
      }
    }
    for (let child = node.lastChild; child; child = child.previousSibling) pending.push(child);
  }
  return { signatures, ids };
}
