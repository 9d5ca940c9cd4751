import { WIRE_FORMS } from "../../src/contract/operations/index.ts";
import { SERVICES } from "../../src/contract/operations.ts";

/** The services whose operations are cases here, by the prefix that their schema has in requests. */
export const SERVICE_NAMES = {
  // First: a bundle has elements of the other schemas in it.
  b: "bundle",
  a: "adhoc",
  i: "installation",
  m: "management",
  o: "monitoring",
  s: "configuration",
} as const;
export type ServicePrefix = keyof typeof SERVICE_NAMES;

const SCHEMAS = "http://www.opensmartgridplatform.org/schemas/smartmetering";

export function pathOf(prefix: ServicePrefix): string {
  return `/osgp-adapter-ws-smartmetering/smartMetering/${SERVICE_NAMES[prefix]}Service/`;
}

/** Declarations of the prefixes above. */
export const DECLARATIONS = Object.entries(SERVICE_NAMES)
  .map(([prefix, name]) => `xmlns:${prefix}="${SCHEMAS}/sm-${name}/2014/10"`)
  .join(" ");

/** Whether a service that is offered has the operation; until all of a service's operations exist, it is not. */
export function isOffered(operation: string): boolean {
  const form = WIRE_FORMS.get(operation);
  const element = form?.requestElement ?? "sm-bundle:BundleRequest";
  return SERVICES.some(({ operations }) => operations.some(({ input }) => input === element));
}
