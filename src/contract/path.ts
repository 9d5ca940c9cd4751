import { type XmlDocument, XmlElement } from "libxml2-wasm";

/** A name may be as long as a message; a path is for people. */
const LONGEST_NAME = 100;

/** Path from the document's root by local names, with a position among equals where there are several. */
export function pathOf(element: XmlElement): string {
  const steps: string[] = [];
  for (let at: XmlElement | null = element; at; at = at.parent) steps.unshift(step(at));
  return `/${steps.join("/")}`;
}

function step(element: XmlElement): string {
  const { name } = element;
  let before = 0;
  let after = 0;
  for (let node = element.prev; node; node = node.prev) {
    if (node instanceof XmlElement && node.name === name) before++;
  }
  for (let node = element.next; node && after === 0; node = node.next) {
    if (node instanceof XmlElement && node.name === name) after++;
  }
  const shown = name.slice(0, LONGEST_NAME);
  return before + after > 0 ? `${shown}[${before + 1}]` : shown;
}

const STEP = /^(?:([^:[]+):)?([^:[]+)(?:\[(\d+)\])?$/;

/**
 * The element that libxml2 points to. Its paths hold prefixes that mean nothing outside the document, and `*` for names
 * in a default namespace, which counts elements of every name; a step to an attribute ends at its element.
 */
export function elementAt(document: XmlDocument, xpath: string): XmlElement | undefined {
  const [, ...steps] = xpath.split("/");
  const [root, ...inner] = steps;
  if (root === undefined) return undefined;
  let element = document.root;
  for (const each of inner) {
    const [, prefix = "", name = "", position = "1"] = STEP.exec(each) ?? [];
    const child = childAt(element, prefix, name, Number(position));
    if (!child) break;
    element = child;
  }
  return element;
}

function childAt(parent: XmlElement, prefix: string, name: string, position: number): XmlElement | undefined {
  let left = position;
  for (let node = parent.firstChild; node; node = node.next) {
    if (!(node instanceof XmlElement)) continue;
    if (name !== "*" && (node.name !== name || node.prefix !== prefix)) continue;
    left -= 1;
    if (left === 0) return node;
  }
  return undefined;
}
