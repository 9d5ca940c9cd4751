import type { ChoiceTable, FieldTable, SimpleTypeTable, TypeName } from "../../src/contract/tables.ts";
import type { ComplexType, Schema, SchemaSet } from "./xsd.ts";

const TYPESCRIPT: Readonly<Record<SimpleTypeTable["base"], string>> = {
  anyURI: "string",
  boolean: "boolean",
  byte: "number",
  dateTime: "Date",
  decimal: "Decimal",
  hexBinary: "Uint8Array",
  int: "number",
  integer: "Integer",
  long: "Integer",
  normalizedString: "string",
  short: "number",
  string: "string",
  unsignedByte: "number",
  unsignedInt: "number",
  unsignedShort: "number",
};

/** TypeScript types of one schema. */
export function emitTypes(schema: Schema, schemas: SchemaSet): string {
  const body = [
    ...schema.simpleTypes.filter((type) => !isInline(type.name)).map((type) => emitSimple(type.name, schemas)),
    ...schema.complexTypes.map((type) => emitComplex(schema, type, schemas)),
    ...schema.elements
      .filter((element) => element.type !== `${schema.name}:${element.name}`)
      .map((element) => `export type ${element.name} =${separated(typeName(element.type, schema.name, schemas))};\n`),
  ].join("\n");
  return `${emitImports(schema, schemas, body)}\n${body}`;
}

function emitImports(schema: Schema, schemas: SchemaSet, body: string): string {
  const helpers = ["Decimal", "Integer"].filter((name) => new RegExp(`\\b${name}\\b`).test(body));
  const lines = schemas.schemas
    .filter((other) => other !== schema && body.includes(`${moduleName(other.name)}.`))
    .map((other) => `import type * as ${moduleName(other.name)} from "./${other.name}.ts";\n`);
  if (helpers.length > 0) lines.unshift(`import type { ${helpers.join(", ")} } from "../tables.ts";\n`);
  return lines.join("");
}

/** `sm-adhoc` → `smAdhoc`: the name under which a schema's types are imported. */
export function moduleName(schema: string): string {
  return schema.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** The type of an element that is written in place has the name of that place. */
function isInline(name: TypeName): boolean {
  return name.includes(".");
}

function emitSimple(name: TypeName, schemas: SchemaSet): string {
  const table = schemas.simple(name);
  return `${comment(describe(table), "")}export type ${name.split(":")[1]} =${separated(simpleType(table))};\n`;
}

function simpleType(table: SimpleTypeTable): string {
  if (!table.enumeration) return TYPESCRIPT[table.base];
  return table.enumeration.map((value) => `\n  | ${JSON.stringify(value)}`).join("");
}

/** A union already begins on a line of its own. */
function separated(type: string): string {
  return type.startsWith("\n") ? type : ` ${type}`;
}

function emitComplex(schema: Schema, type: ComplexType, schemas: SchemaSet): string {
  if (type.text) return emitText(schema, type, type.text, schemas);
  const heritage = type.base ? ` extends ${typeName(type.base, schema.name, schemas)}` : "";
  const members = type.particles.map((particle) =>
    "choice" in particle ? emitChoice(particle, schema, schemas) : emitField(particle, schema, schemas),
  );
  assertDistinct(type.name, schemas);
  const body = members.length > 0 ? `\n${members.join("")}` : "";
  return `export interface ${type.name.split(":")[1]}${heritage} {${body}}\n`;
}

/** Text with attributes: the text is the property `value`. */
function emitText(schema: Schema, type: ComplexType, text: TypeName, schemas: SchemaSet): string {
  const members = (type.attributes ?? []).map((attribute) => {
    // What the codec writes into an attribute is not escaped beyond what text needs.
    if (!schemas.simple(attribute.type).enumeration) throw new Error(`${type.name}: ${attribute.name} is free text`);
    const optional = attribute.required ? "" : "?";
    return `  readonly ${attribute.name}${optional}: ${typeName(attribute.type, schema.name, schemas)};\n`;
  });
  members.push(`  readonly value: ${typeName(text, schema.name, schemas)};\n`);
  return `export interface ${type.name.split(":")[1]} {\n${members.join("")}}\n`;
}

function assertDistinct(name: TypeName, schemas: SchemaSet): void {
  const keys = schemas.particles(name).map((particle) => ("choice" in particle ? choiceKey(particle) : particle.name));
  if (new Set(keys).size < keys.length) throw new Error(`${name}: two children would share a property`);
}

/** The property that holds a choice: `items` for a repeated one, `item` for a single one. */
function choiceKey(choice: ChoiceTable): "item" | "items" {
  return choice.max === 1 ? "item" : "items";
}

function emitChoice(particle: ChoiceTable, schema: Schema, schemas: SchemaSet): string {
  const options = particle.choice.map((field) => {
    if (field.max !== 1 || field.min !== 1) throw new Error(`${field.name}: elements of a choice occur once`);
    const type = nullable(field, typeName(field.type, schema.name, schemas));
    return `    | { readonly name: ${JSON.stringify(field.name)}; readonly value: ${type} }\n`;
  });
  if (particle.max === 1) return `  readonly item${particle.min === 0 ? "?" : ""}:\n${options.join("")}  ;\n`;
  return `  /** In document order; ${occurrences(particle)}. */\n  readonly items: readonly (\n${options.join("")}  )[];\n`;
}

function emitField(field: FieldTable, schema: Schema, schemas: SchemaSet): string {
  const inline = isInline(field.type) ? schemas.simple(field.type) : undefined;
  const one = nullable(field, inline ? simpleType(inline) : typeName(field.type, schema.name, schemas));
  const repeated = field.max !== 1;
  const type = repeated ? `readonly ${one.includes("|") ? `(${one})` : one}[]` : one;
  const optional = field.min === 0 && !repeated && field.default === undefined;
  const notes = [
    inline ? describe(inline) : "",
    repeated ? `${occurrences(field)}` : "",
    field.group && field.group !== field.name ? `given exactly when ${field.group} is` : "",
    field.default === undefined ? "" : `${field.default} when absent or empty`,
  ].filter(Boolean);
  return `${comment(notes.join("; "), "  ")}  readonly ${field.name}${optional ? "?" : ""}: ${type};\n`;
}

function nullable(field: FieldTable, type: string): string {
  return field.nillable ? `${type} | null` : type;
}

function typeName(name: TypeName, here: string, schemas: SchemaSet): string {
  const [schema = "", local = ""] = name.split(":");
  if (schema === "xsd") return simpleType(schemas.simple(name));
  return schema === here ? local : `${moduleName(schema)}.${local}`;
}

function occurrences({ min, max }: { min: number; max: number | "unbounded" }): string {
  if (max === "unbounded") return min === 0 ? "any number" : `${min} or more`;
  return `${min} to ${max}`;
}

/** The facets of a simple type in words; an enumeration speaks for itself. */
function describe(table: SimpleTypeTable): string {
  if (table.enumeration) return "";
  const unit = table.base === "hexBinary" ? "octets" : "characters";
  const { minLength, maxLength, minInclusive, maxInclusive } = table;
  const length = minLength !== undefined && minLength === maxLength ? `${minLength}` : range(minLength, maxLength);
  return [
    `xsd:${table.base}`,
    length && `${length} ${unit}`,
    range(minInclusive, maxInclusive),
    ...(table.patterns ?? []).map((pattern) => `pattern \`${pattern}\``),
  ]
    .filter(Boolean)
    .join(", ");
}

function range(min: number | string | undefined, max: number | string | undefined): string {
  if (min === undefined) return max === undefined ? "" : `at most ${max}`;
  return max === undefined ? `at least ${min}` : `${min} to ${max}`;
}

function comment(text: string, indent: string): string {
  return text ? `${indent}/** ${text.replaceAll("*/", "*\\/")} */\n` : "";
}
