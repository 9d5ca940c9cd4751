import type { Service } from "../../src/contract/tables.ts";
import { moduleName } from "./emit-types.ts";
import type { SchemaSet } from "./xsd.ts";

/** The codec's tables: every element and type as plain data, derivations resolved. */
export function emitTables(schemas: SchemaSet): string {
  const namespaces = schemas.schemas.map(({ name, namespace }) => [name, namespace]);
  const elements = schemas.schemas.flatMap((schema) =>
    schema.elements.map((element) => [`${schema.name}:${element.name}`, element.type]),
  );
  const simple = schemas.schemas.flatMap((schema) =>
    schema.simpleTypes.map((type) => [type.name, schemas.simple(type.name)]),
  );
  const complex = schemas.schemas.flatMap((schema) =>
    schema.complexTypes.map((type) => [
      type.name,
      { particles: schemas.particles(type.name), ...schemas.complex(type.name) },
    ]),
  );
  return [
    'import type { ComplexTypeTable, SimpleTypeTable, TypeName } from "../tables.ts";\n',
    "/** Schema name → its target namespace. */",
    `export const NAMESPACES = ${entries(namespaces)} as const;\n`,
    "/** Global element → its type. */",
    `export const ELEMENTS: Readonly<Record<string, TypeName>> = ${entries(elements)};\n`,
    `export const SIMPLE_TYPES: Readonly<Record<TypeName, SimpleTypeTable>> = ${entries(simple)};\n`,
    `export const COMPLEX_TYPES: Readonly<Record<TypeName, ComplexTypeTable>> = ${complexEntries(complex)};\n`,
  ].join("\n");
}

type Entry = readonly unknown[];

function entries(list: readonly Entry[]): string {
  return `{\n${list.map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`).join("")}}`;
}

/** Complex types with one particle a line, so that a change of the contract reads well in a diff. */
function complexEntries(list: readonly Entry[]): string {
  const lines = list.map(([key, value]) => {
    const { particles, ...rest } = value as { particles: readonly unknown[] };
    const body = particles.map((particle) => `      ${JSON.stringify(particle)},\n`).join("");
    const tail = Object.entries(rest).map(([name, more]) => `    ${name}: ${JSON.stringify(more)},\n`);
    return `  ${JSON.stringify(key)}: {\n    particles: [\n${body}    ],\n${tail.join("")}  },\n`;
  });
  return `{\n${lines.join("")}}`;
}

/** The operations of all services. */
export function emitServices(services: readonly Service[]): string {
  const lines = services.map((service) => {
    const { operations, ...rest } = service;
    const body = operations.map((operation) => `      ${JSON.stringify(operation)},\n`).join("");
    const head = Object.entries(rest)
      .map(([key, value]) => `    ${key}: ${JSON.stringify(value)},\n`)
      .join("");
    return `  {\n${head}    operations: [\n${body}    ],\n  },\n`;
  });
  return [
    'import type { Service } from "../tables.ts";\n',
    "/** Every service of the contract with its operations, in the order of the port types. */",
    `export const CONTRACT_SERVICES: readonly Service[] = [\n${lines.join("")}];\n`,
  ].join("\n");
}

/** Element name → type of its content, and the elements by the kind of operation they ask for. */
export function emitIndex(schemas: SchemaSet, services: readonly Service[]): string {
  const imports = schemas.schemas.map(({ name }) => `import type * as ${moduleName(name)} from "./${name}.ts";\n`);
  const elements = schemas.schemas.flatMap((schema) =>
    schema.elements.map(
      ({ name }) => `  readonly ${JSON.stringify(`${schema.name}:${name}`)}: ${moduleName(schema.name)}.${name};\n`,
    ),
  );
  const inputs = (kind: string) =>
    services
      .flatMap((service) => service.operations.filter((operation) => operation.kind === kind))
      .map((operation) => `\n  | ${JSON.stringify(operation.input)}`)
      .join("");
  return [
    imports.join(""),
    `export type { ${schemas.schemas.map(({ name }) => moduleName(name)).join(", ")} };\n`,
    "/** Global element → the type of its content. */",
    `export interface ElementTypes {\n${elements.join("")}}\n`,
    "/** Name of a global element: schema and local name. */",
    "export type ElementName = keyof ElementTypes;\n",
    "/** Elements that ask for something to be done, answered with a correlation UID. */",
    `export type RequestElement =${inputs("request")};\n`,
    "/** Elements that fetch the result of a request. */",
    `export type FetchElement =${inputs("fetch")};\n`,
    "/** Elements that are answered at once. */",
    `export type SyncElement =${inputs("sync")};\n`,
  ].join("\n");
}
