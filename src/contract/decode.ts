import { XmlElement } from "libxml2-wasm";
import { XML_SCHEMA_INSTANCE } from "../lib/xml.ts";
import { ContractError, type ContractReason } from "./errors.ts";
import type { ElementName, ElementTypes } from "./generated/index.ts";
import {
  type Choice,
  type ComplexModel,
  elementModel,
  type Field,
  type Particle,
  type SimpleModel,
  type TextModel,
} from "./model.ts";
import { pathOf } from "./path.ts";
import { normalizeSpace, parseValue } from "./simple-values.ts";

/** A decoded object while it is being filled; a choice holds a name and a value. */
type Target = Record<string, unknown>;

/**
 * Reads an element into plain values. Elements that {@link validate} accepts are always read; of others, structure,
 * built-in types and enumerations are checked, but neither the facets beyond them nor attributes and stray text.
 * @throws ContractError with code VALIDATION_ERROR naming the place
 */
export function decodeElement<N extends ElementName>(element: XmlElement, name: N): ElementTypes[N] {
  return decodeRoot(element, elementModel(name)) as ElementTypes[N];
}

/** {@link decodeElement} for a field of the model. */
export function decodeRoot(element: XmlElement, field: Field): unknown {
  if (element.name !== field.name || element.namespaceUri !== field.namespace) {
    throw refuse("UNKNOWN_ELEMENT", element, `is not the element ${field.place}`);
  }
  return decodeContent(element, field);
}

function decodeContent(element: XmlElement, field: Field): unknown {
  if (field.nillable && isNil(element)) return null;
  const { content } = field;
  switch (content.kind) {
    case "simple":
      return decodeSimple(element, field.fallback, content);
    case "text":
      return decodeText(element, content);
    case "complex":
      return decodeComplex(element, content);
  }
}

function isNil(element: XmlElement): boolean {
  const nil = element.attrs
    .find((attr) => attr.name === "nil" && attr.namespaceUri === XML_SCHEMA_INSTANCE)
    ?.value.trim();
  return nil === "true" || nil === "1";
}

function decodeSimple(element: XmlElement, fallback: unknown, content: SimpleModel): unknown {
  const raw = element.content;
  return raw === "" && fallback !== undefined ? fallback : parseText(element, raw, content);
}

/** Text with attributes; the text is the property `value`. */
function decodeText(element: XmlElement, { text, attributes }: TextModel): Target {
  const target: Target = {};
  const given = element.attrs;
  for (const { name, content, required } of attributes) {
    const attribute = given.find((one) => one.name === name && !one.namespaceUri);
    if (attribute) target[name] = parseText(element, attribute.value, content);
    else if (required) throw refuse("MISSING_ELEMENT", element, `lacks the attribute ${name}`);
  }
  target.value = parseText(element, element.content, text);
  return target;
}

function parseText(element: XmlElement, raw: string, { base, enumeration }: SimpleModel): unknown {
  const text = normalizeSpace(base, raw);
  if (enumeration && !enumeration.has(text)) throw refuse("INVALID_VALUE", element, "is not one of the values allowed");
  const value = parseValue(base, text);
  if (value === undefined) throw refuse("INVALID_VALUE", element, `is not a value of xsd:${base}`);
  return value;
}

/**
 * Walks children and particles side by side. Taking every child at the first particle that fits is enough: XML Schema
 * demands that a content model never leaves two to choose from.
 */
function decodeComplex(element: XmlElement, { particles }: ComplexModel): Target {
  const target = emptyTarget(particles);
  let at = 0;
  let count = 0;
  for (let node = element.firstChild; node; node = node.next) {
    if (!(node instanceof XmlElement)) continue;
    const { name, namespaceUri } = node;
    let particle = particles[at];
    let field = particle && count < particle.max ? fieldFor(particle, name, namespaceUri) : undefined;
    while (!field) {
      if (!particle) throw refuse("UNEXPECTED_ELEMENT", node, "is not expected here");
      checkCount(particle, count, element);
      particle = particles[++at];
      count = 0;
      field = particle && fieldFor(particle, name, namespaceUri);
    }
    store(target, particle!, field, decodeContent(node, field));
    count++;
  }
  for (; at < particles.length; at++, count = 0) checkCount(particles[at]!, count, element);
  for (const particle of particles) {
    if (particle.kind === "field" && particle.group !== undefined)
      checkGroup(particle, particle.group, target, element);
  }
  return target;
}

/** Lists start empty, and a default stands for an absent element. */
function emptyTarget(particles: readonly Particle[]): Target {
  const target: Target = {};
  for (const particle of particles) {
    if (particle.kind === "choice") {
      if (particle.key === "items") target.items = [];
    } else if (particle.max !== 1) target[particle.name] = [];
    else if (particle.fallback !== undefined) target[particle.name] = particle.fallback;
  }
  return target;
}

function fieldFor(particle: Particle, name: string, namespace: string): Field | undefined {
  const field = particle.kind === "choice" ? particle.fields.get(name) : particle;
  return field?.name === name && field.namespace === namespace ? field : undefined;
}

function store(target: Target, particle: Particle, field: Field, value: unknown): void {
  const key = particle.kind === "choice" ? particle.key : particle.name;
  const entry = particle.kind === "choice" ? { name: field.name, value } : value;
  const list = target[key];
  if (particle.max !== 1 && Array.isArray(list)) list.push(entry);
  else target[key] = entry;
}

function checkCount(particle: Particle, count: number, parent: XmlElement): void {
  if (count < particle.min) {
    throw refuse("MISSING_ELEMENT", parent, `lacks ${expected(particle)} (${count} of at least ${particle.min})`);
  }
}

function checkGroup({ name }: Field, group: string, target: Target, parent: XmlElement): void {
  if (name in target === group in target) return;
  const [missing, given] = name in target ? [group, name] : [name, group];
  throw refuse("MISSING_ELEMENT", parent, `lacks ${missing}, which belongs to ${given}`);
}

function expected(particle: Field | Choice): string {
  return particle.kind === "field" ? particle.name : [...particle.fields.keys()].join(" or ");
}

function refuse(reason: ContractReason, element: XmlElement, what: string): ContractError {
  return new ContractError("VALIDATION_ERROR", reason, `${pathOf(element)} ${what}`);
}
