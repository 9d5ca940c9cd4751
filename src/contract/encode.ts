import { FORBIDDEN_IN_XML, XML_SCHEMA_INSTANCE } from "../lib/xml.ts";
import { ContractError, type ContractReason } from "./errors.ts";
import type { ElementName, ElementTypes } from "./generated/index.ts";
import { NAMESPACES } from "./generated/tables.ts";
import {
  type Choice,
  type ContentModel,
  elementModel,
  type Field,
  type Particle,
  type SimpleModel,
  type TextModel,
} from "./model.ts";
import { formatValue } from "./simple-values.ts";

const SPECIAL = /[&<>\r]/;
const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;" };

/**
 * Writes an element as XML without a declaration. Children stand in the schema's order and namespaces; prefixes are the
 * schemas' names and all declared on the root, so that the text can stand in any envelope. Facets beyond enumerations are
 * not checked: {@link validate} does.
 * @throws ContractError with code INTERNAL naming the place when a value does not fit
 */
export function encodeElement<N extends ElementName>(name: N, value: ElementTypes[N]): string {
  return encodeRoot(elementModel(name), value);
}

/** {@link encodeElement} for a field of the model. */
export function encodeRoot(field: Field, value: unknown): string {
  const attributes = field.content.kind === "text" ? encodeAttributes(field, field.content, value) : "";
  return `${field.begin}${declarations(field)}${attributes}>${encodeContent(field, value)}${field.close}`;
}

/** An element whose innermost list is written one item at a time: `head`, then `item` for each, then `tail`. */
export interface ItemWriter {
  readonly head: string;
  readonly tail: string;
  /** @throws ContractError with code INTERNAL when the value does not fit; the other items do not mind */
  item(name: string, value: unknown): string;
}

/**
 * {@link encodeElement} in pieces, for an element that holds one list only, such as a bundle's responses: nothing ever
 * holds all of it.
 */
export function itemWriter(name: ElementName): ItemWriter {
  const root = elementModel(name);
  const opened: Field[] = [root];
  let particle = onlyParticle(root);
  for (; particle.kind === "field"; particle = onlyParticle(particle)) opened.push(particle);
  const choice = particle;
  const [, ...inner] = opened.map(({ open }) => open);
  return {
    head: `${root.begin}${declarations(root)}>${inner.join("")}`,
    tail: opened
      .reverse()
      .map(({ close }) => close)
      .join(""),
    item: (item, value) => encodeChoice(choice, { items: [{ name: item, value }] }),
  };
}

function onlyParticle({ content, place }: Field): Particle {
  const [particle] = content.kind === "complex" ? content.particles : [];
  if (!particle) throw refuse("INVALID_VALUE", place, "holds no list");
  return particle;
}

function encodeContent(field: Field, value: unknown): string {
  const { content } = field;
  if (content.kind === "simple") return encodeSimple(field, content, value);
  const source = record(field, value);
  if (content.kind === "text") return encodeSimple(field, content.text, source.value);
  let xml = "";
  for (const particle of content.particles) {
    xml += particle.kind === "field" ? encodeField(particle, source) : encodeChoice(particle, source);
  }
  return xml;
}

function record(field: Field, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw refuse("INVALID_VALUE", field.place, "is not an object");
  return value as Readonly<Record<string, unknown>>;
}

function encodeAttributes(field: Field, { attributes }: TextModel, value: unknown): string {
  const source = record(field, value);
  let xml = "";
  for (const attribute of attributes) {
    const given = source[attribute.name];
    if (given === undefined && attribute.required) throw refuse("MISSING_ELEMENT", attribute.place, "must be given");
    if (given === undefined) continue;
    xml += attribute.written.get(given) ?? ` ${attribute.name}="${encodeSimple(attribute, attribute.content, given)}"`;
  }
  return xml;
}

function encodeSimple(field: { readonly place: string }, content: SimpleModel, value: unknown): string {
  const { base, enumeration, isPlain } = content;
  const text = formatValue(base, value);
  if (text === undefined) throw refuse("INVALID_VALUE", field.place, `is not a value of xsd:${base}`);
  if (enumeration && !enumeration.has(text)) {
    throw refuse("INVALID_VALUE", field.place, "is not one of the values allowed");
  }
  if (isPlain) return text;
  if (FORBIDDEN_IN_XML.test(text)) throw refuse("INVALID_CHARACTER", field.place, "holds a character that XML cannot");
  return SPECIAL.test(text) ? text.replace(/[&<>\r]/g, (character) => ESCAPES[character]!) : text;
}

function encodeField(field: Field, source: Readonly<Record<string, unknown>>): string {
  const value = source[field.name];
  if (field.group !== undefined && (value === undefined) !== (source[field.group] === undefined)) {
    throw refuse("MISSING_ELEMENT", field.place, `must be given exactly when ${field.group} is`);
  }
  if (field.max === 1) {
    if (value !== undefined) return encodeOne(field, value);
    if (field.min > 0) throw refuse("MISSING_ELEMENT", field.place, "must be given");
    return "";
  }
  let xml = "";
  for (const one of list(field, value)) xml += encodeOne(field, one);
  return xml;
}

function encodeChoice(choice: Choice, source: Readonly<Record<string, unknown>>): string {
  const value = source[choice.key];
  const items = choice.key === "items" ? list(choice, value) : list(choice, value === undefined ? [] : [value]);
  let xml = "";
  for (const item of items) {
    const { name, value: content } = item as { name: string; value: unknown };
    const field = choice.fields.get(name);
    if (!field) throw refuse("UNEXPECTED_ELEMENT", choice.place, "names an element that the choice does not offer");
    xml += encodeOne(field, content);
  }
  return xml;
}

function encodeOne(field: Field, value: unknown): string {
  if (value === null && field.nillable) return field.nil;
  const open =
    field.content.kind === "text" ? `${field.begin}${encodeAttributes(field, field.content, value)}>` : field.open;
  return open + encodeContent(field, value) + field.close;
}

function list({ place, min, max }: Field | Choice, value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw refuse("INVALID_VALUE", place, "is not a list");
  if (value.length < min || value.length > max) {
    throw refuse("MISSING_ELEMENT", place, `occurs ${value.length} times, not ${min} to ${max}`);
  }
  return value;
}

function refuse(reason: ContractReason, place: string, what: string): ContractError {
  return new ContractError("INTERNAL", reason, `${place} ${what}`);
}

const declarationsOf = new Map<Field, string>();

/** Namespace declarations for everything an element can hold. */
function declarations(root: Field): string {
  const known = declarationsOf.get(root);
  if (known !== undefined) return known;
  const schemas = new Set<string>();
  const seen = new Set<ContentModel>();
  let nillable = false;
  const visit = (field: Field) => {
    schemas.add(field.schema);
    nillable ||= field.nillable;
    if (field.content.kind !== "complex" || seen.has(field.content)) return;
    seen.add(field.content);
    for (const particle of field.content.particles) {
      if (particle.kind === "field") visit(particle);
      else for (const option of particle.fields.values()) visit(option);
    }
  };
  visit(root);
  const namespaces: Readonly<Record<string, string>> = NAMESPACES;
  const text = [...schemas].map((schema) => ` xmlns:${schema}="${namespaces[schema]}"`);
  if (nillable) text.push(` xmlns:xsi="${XML_SCHEMA_INSTANCE}"`);
  declarationsOf.set(root, text.join(""));
  return text.join("");
}
