import type { ElementName } from "./generated/index.ts";
import { CONTRACT_SERVICES } from "./generated/services.ts";
import type { Operation, Service } from "./tables.ts";

export { CONTRACT_SERVICES } from "./generated/services.ts";
export type { Operation, OperationKind, Service } from "./tables.ts";

/**
 * The services that are offered: all of their operations are there. Those that the contract has beyond them are known by
 * their schemas and WSDLs only, until their names are added here.
 */
const OFFERED: ReadonlySet<string> = new Set([
  "SmartMeteringAdhoc",
  "SmartMeteringCommon",
  "SmartMeteringConfiguration",
]);

/** The services that are offered, each with its operations in the order of the port type. */
export const SERVICES: readonly Service[] = CONTRACT_SERVICES.filter(({ name }) => OFFERED.has(name));

const byInput = new Map(
  SERVICES.flatMap((service) =>
    service.operations.map((operation) => [operation.input, { service, operation }] as const),
  ),
);

/** The operation that a body's element asks for; undefined when the element is not the input of any that is offered. */
export function findOperation(
  input: ElementName,
): { readonly service: Service; readonly operation: Operation } | undefined {
  return byInput.get(input);
}
