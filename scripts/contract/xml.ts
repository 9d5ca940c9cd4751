import { XmlDocument, XmlElement } from "libxml2-wasm";

/** An element of a schema or WSDL file, free of the parser's memory. */
export interface XmlNode {
  readonly name: string;
  readonly namespace: string;
  /** Attributes without a namespace. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Prefixes in scope. */
  readonly prefixes: Readonly<Record<string, string>>;
  readonly children: readonly XmlNode[];
}

/** Reads a whole file; text, comments and processing instructions are left out. */
export function readXml(text: string): XmlNode {
  const document = XmlDocument.fromString(text);
  try {
    return toNode(document.root, {});
  } finally {
    document.dispose();
  }
}

function toNode(element: XmlElement, inherited: Readonly<Record<string, string>>): XmlNode {
  const prefixes = { ...inherited, ...element.nsDeclarations };
  const children: XmlNode[] = [];
  for (let child = element.firstChild; child; child = child.next) {
    if (child instanceof XmlElement) children.push(toNode(child, prefixes));
  }
  const attributes = Object.fromEntries(
    element.attrs.filter((attr) => !attr.namespaceUri).map((attr) => [attr.name, attr.value]),
  );
  return { name: element.name, namespace: element.namespaceUri, attributes, prefixes, children };
}

/** The value of an attribute that must be there. */
export function required(node: XmlNode, attribute: string): string {
  const value = node.attributes[attribute];
  if (value === undefined) throw new Error(`<${node.name}> lacks the attribute ${attribute}`);
  return value;
}

/** Splits `prefix:local` by the prefixes in scope of `node`. */
export function resolveQName(node: XmlNode, qname: string): { namespace: string; local: string } {
  const colon = qname.indexOf(":");
  const namespace = node.prefixes[colon < 0 ? "" : qname.slice(0, colon)];
  if (namespace === undefined) throw new Error(`no namespace for the prefix of ${qname}`);
  return { namespace, local: qname.slice(colon + 1) };
}

/** The children with this local name. */
export function childrenNamed(node: XmlNode, name: string): XmlNode[] {
  return node.children.filter((child) => child.name === name);
}
