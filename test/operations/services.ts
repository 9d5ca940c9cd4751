import { CONTRACT_SERVICES } from "../../src/contract/codec.ts";
import { NAMESPACES } from "../../src/contract/generated/tables.ts";
import { WIRE_FORMS } from "../../src/contract/operations/index.ts";
import { SERVICES } from "../../src/soap/routes.ts";

type Schema = keyof typeof NAMESPACES;

/** Short prefixes in requests for schemas that have many cases. */
const SHORT = {
  b: "sm-bundle",
  a: "sm-adhoc",
  i: "sm-installation",
  m: "sm-management",
  o: "sm-monitoring",
  s: "sm-configuration",
} as const satisfies Record<string, Schema>;

/** The service whose operation is a case, by the prefix of its schema: one of the above, or the schema's own name. */
export type ServicePrefix = keyof typeof SHORT | Schema;

const schemaOf = (prefix: ServicePrefix): Schema =>
  prefix in SHORT ? SHORT[prefix as keyof typeof SHORT] : (prefix as Schema);

export function pathOf(prefix: ServicePrefix): string {
  const schema = `${schemaOf(prefix)}:`;
  return CONTRACT_SERVICES.find(({ operations }) => operations.some(({ input }) => input.startsWith(schema)))!.path;
}

/** Declarations of all these prefixes. */
export const DECLARATIONS = [...Object.entries(SHORT), ...Object.keys(NAMESPACES).map((name) => [name, name] as const)]
  .map(([prefix, schema]) => `xmlns:${prefix}="${NAMESPACES[schema as Schema]}"`)
  .join(" ");

/** Whether a service that is offered has the operation; until all of a service's operations exist, it is not. */
export function isOffered(operation: string): boolean {
  const form = WIRE_FORMS.get(operation);
  const element = form?.requestElement ?? "sm-bundle:BundleRequest";
  return SERVICES.some(({ operations }) => operations.some(({ input }) => input === element));
}
