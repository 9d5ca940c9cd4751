import type { ElementName } from "./generated/index.ts";
import { COMPLEX_TYPES, ELEMENTS, NAMESPACES, SIMPLE_TYPES } from "./generated/tables.ts";
import { parseValue } from "./simple-values.ts";
import type { AttributeTable, BuiltInType, ChoiceTable, FieldTable, SimpleTypeTable, TypeName } from "./tables.ts";

/** Simple content, ready for use. */
export interface SimpleModel {
  readonly kind: "simple";
  readonly base: BuiltInType;
  readonly enumeration: ReadonlySet<string> | undefined;
  /** Whether nothing that it writes needs an escape: what an enumeration has is in the schema, digits and dates are plain. */
  readonly isPlain: boolean;
}

/** Children, ready for use. */
export interface ComplexModel {
  readonly kind: "complex";
  readonly particles: readonly Particle[];
}

/** Text with attributes, ready for use: the text is the property `value`. */
export interface TextModel {
  readonly kind: "text";
  readonly text: SimpleModel;
  readonly attributes: readonly Attribute[];
}

/** An attribute without a namespace. */
export interface Attribute {
  readonly name: string;
  readonly content: SimpleModel;
  readonly required: boolean;
  readonly place: string;
  /** How each value of an enumeration is written, with the name. */
  readonly written: ReadonlyMap<unknown, string>;
}

export type ContentModel = SimpleModel | ComplexModel | TextModel;

/** A child element of a complex type, or a global element. */
export interface Field {
  readonly kind: "field";
  readonly name: string;
  readonly schema: string;
  readonly namespace: string;
  readonly content: ContentModel;
  readonly min: number;
  /** Infinity when unbounded. */
  readonly max: number;
  readonly nillable: boolean;
  /** What an absent or empty element stands for; undefined when there is no default. */
  readonly fallback: unknown;
  /** First field of those that are given together or not at all, this one among them. */
  readonly group: string | undefined;
  /** Where it is declared, for messages: `sm-configuration:PushObject.ClassId`. */
  readonly place: string;
  /** Tags with the schema's name as prefix. */
  readonly open: string;
  /** `open` without its end, where attributes stand. */
  readonly begin: string;
  readonly close: string;
  readonly nil: string;
}

export interface Choice {
  readonly kind: "choice";
  /** Property that holds it: `items` when repeated, `item` when not. */
  readonly key: "item" | "items";
  readonly fields: ReadonlyMap<string, Field>;
  readonly min: number;
  readonly max: number;
  readonly place: string;
}

export type Particle = Field | Choice;

/** Types whose values are digits and a few letters and signs. */
const WRITES_PLAIN: ReadonlySet<BuiltInType> = new Set(["boolean", "dateTime", "decimal", "hexBinary", "int", "long"]);

const namespaces: Readonly<Record<string, string>> = NAMESPACES;
const models = new Map<TypeName, ContentModel>();
const elements = new Map<string, Field>();
const elementNames = new Map<string, Map<string, ElementName>>();

for (const [name, type] of Object.entries(ELEMENTS)) {
  const [schema = "", local = ""] = name.split(":");
  const field = makeField({ name: local, schema, type, min: 1, max: 1 }, name);
  elements.set(name, field);
  const locals = elementNames.get(field.namespace) ?? new Map<string, ElementName>();
  elementNames.set(field.namespace, locals.set(local, name as ElementName));
}

/** The model of a global element. */
export function elementModel(name: ElementName): Field {
  return elements.get(name)!;
}

/** The contract's name for a global element; undefined when it has none such. */
export function elementNameOf(namespace: string, local: string): ElementName | undefined {
  return elementNames.get(namespace)?.get(local);
}

/** Namespace and local name of a global element. */
export function qualifiedName(name: ElementName): { readonly namespace: string; readonly local: string } {
  const { namespace, name: local } = elementModel(name);
  return { namespace, local };
}

function modelOf(type: TypeName): ContentModel {
  const known = models.get(type);
  if (known) return known;
  const complex = COMPLEX_TYPES[type];
  if (!complex || complex.text) {
    const model = complex?.text ? textModel(type, complex.text, complex.attributes ?? []) : simpleModel(type);
    models.set(type, model);
    return model;
  }
  // Filed before its children are looked at: a type may hold itself.
  const particles: Particle[] = [];
  const model: ComplexModel = { kind: "complex", particles };
  models.set(type, model);
  for (const particle of complex.particles) {
    particles.push("choice" in particle ? makeChoice(particle, type) : makeField(particle, `${type}.${particle.name}`));
  }
  return model;
}

function simpleModel(type: TypeName): SimpleModel {
  const table: SimpleTypeTable = SIMPLE_TYPES[type] ?? { base: type.slice("xsd:".length) as BuiltInType };
  const { base } = table;
  const enumeration = table.enumeration && new Set(table.enumeration);
  return { kind: "simple", base, enumeration, isPlain: enumeration !== undefined || WRITES_PLAIN.has(base) };
}

function textModel(type: TypeName, text: TypeName, attributes: readonly AttributeTable[]): TextModel {
  return {
    kind: "text",
    text: simpleModel(text),
    attributes: attributes.map(({ name, type: attributeType, required }) => {
      const content = simpleModel(attributeType);
      const written = new Map([...(content.enumeration ?? [])].map((value) => [value, ` ${name}="${value}"`]));
      return { name, content, required, place: `${type}.${name}`, written };
    }),
  };
}

/** The model of a child element; `place` is what errors call it. */
export function makeField(table: FieldTable, place: string): Field {
  const content = modelOf(table.type);
  const tag = `${table.schema}:${table.name}`;
  return {
    kind: "field",
    name: table.name,
    schema: table.schema,
    namespace: namespaces[table.schema]!,
    content,
    min: table.min,
    max: limit(table.max),
    nillable: table.nillable === true,
    fallback:
      table.default !== undefined && content.kind === "simple" ? parseValue(content.base, table.default) : undefined,
    group: table.group,
    place,
    open: `<${tag}>`,
    begin: `<${tag}`,
    close: `</${tag}>`,
    nil: `<${tag} xsi:nil="true"/>`,
  };
}

function makeChoice(table: ChoiceTable, owner: TypeName): Choice {
  const key = table.max === 1 ? "item" : "items";
  return {
    kind: "choice",
    key,
    fields: new Map(table.choice.map((field) => [field.name, makeField(field, `${owner}.${field.name}`)])),
    min: table.min,
    max: limit(table.max),
    place: `${owner}.${key}`,
  };
}

function limit(max: number | "unbounded"): number {
  return max === "unbounded" ? Number.POSITIVE_INFINITY : max;
}
