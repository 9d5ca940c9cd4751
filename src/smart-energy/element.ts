import { XmlDocument, XmlElement, XmlText } from "libxml2-wasm";
import { escapeXml } from "../lib/xml.ts";
import { SmartEnergyFormatError } from "./errors.ts";

/** An element of the gateways' XML, which has no namespaces. */
export interface RpcElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** All text that stands directly in it; blanks and line breaks around values are usual. */
  readonly text: string;
  readonly children: readonly RpcElement[];
}

/** Elements inside each other; what gateways write has some twelve. */
const DEEPEST = 40;

/**
 * Reads a document.
 * @throws SmartEnergyFormatError when it is no XML, has a document type or a processing instruction, or is too deep
 */
export function parseElement(text: string): RpcElement {
  const body = text.replace(/^\uFEFF?\s*<\?xml\s[^>]*\?>/, "");
  // A document type is where entities come from; no gateway and no cloud writes one.
  if (/<[!?](?!--|\[CDATA\[)/.test(body)) throw new SmartEnergyFormatError("XML with a document type or instruction");
  let document: XmlDocument;
  try {
    document = XmlDocument.fromString(body.trim());
  } catch {
    throw new SmartEnergyFormatError("not well-formed XML");
  }
  try {
    return toElement(document.root, 0);
  } finally {
    document.dispose();
  }
}

function toElement(node: XmlElement, depth: number): RpcElement {
  if (depth > DEEPEST) throw new SmartEnergyFormatError("XML that is too deep");
  const children: RpcElement[] = [];
  let text = "";
  for (let child = node.firstChild; child; child = child.next) {
    if (child instanceof XmlElement) children.push(toElement(child, depth + 1));
    else if (child instanceof XmlText) text += child.content;
  }
  const attributes = Object.fromEntries(node.attrs.map(({ name, value }) => [name, value]));
  return { name: node.name, attributes, text, children };
}

/** An element without children. */
export function leaf(
  name: string,
  text: string | number,
  attributes: Readonly<Record<string, string>> = {},
): RpcElement {
  return { name, attributes, text: String(text), children: [] };
}

/** An element with children, those left out that are undefined. */
export function node(
  name: string,
  attributes: Readonly<Record<string, string>>,
  ...children: readonly (RpcElement | undefined)[]
): RpcElement {
  return { name, attributes, text: "", children: children.filter((child) => child !== undefined) };
}

/** Writes an element, without declaration and white space. */
export function formatElement({ name, attributes, text, children }: RpcElement): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(value)}"`);
  const content = escapeXml(text) + children.map(formatElement).join("");
  return content === "" ? `<${name}${given.join("")}/>` : `<${name}${given.join("")}>${content}</${name}>`;
}

/** The first child of this name. */
export function childNamed(element: RpcElement, name: string): RpcElement | undefined {
  return element.children.find((child) => child.name === name);
}

/** The text of the first child of this name without white space around it. */
export function childText(element: RpcElement, name: string): string | undefined {
  return childNamed(element, name)?.text.trim();
}

/** All elements of this name, at any depth, the element itself included, in document order. */
export function descendantsNamed(element: RpcElement, name: string): RpcElement[] {
  const below = element.children.flatMap((child) => descendantsNamed(child, name));
  return element.name === name ? [element, ...below] : below;
}
