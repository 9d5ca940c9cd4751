import { type XmlDocument, XmlElement } from "libxml2-wasm";
import { parseDocument } from "../steps/parse.ts";

export function childElements(parent: XmlElement): XmlElement[] {
  const children: XmlElement[] = [];
  for (let node = parent.firstChild; node; node = node.next) if (node instanceof XmlElement) children.push(node);
  return children;
}

export function namedChildren(parent: XmlElement, namespace: string, name: string): XmlElement[] {
  return childElements(parent).filter((each) => each.namespaceUri === namespace && each.name === name);
}

/** Reads something of a document that is gone afterwards. @throws SoapFault Client when it is not well-formed */
export function withDocument<T>(text: string, read: (root: XmlElement, document: XmlDocument) => T): T {
  const document = parseDocument(text);
  try {
    return read(document.root, document);
  } finally {
    document.dispose();
  }
}
