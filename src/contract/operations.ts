import type { ElementName } from "./generated/index.ts";
import { SERVICES } from "./generated/services.ts";
import type { Operation, Service } from "./tables.ts";

export { SERVICES } from "./generated/services.ts";
export type { Operation, OperationKind, Service } from "./tables.ts";

const byInput = new Map(
  SERVICES.flatMap((service) =>
    service.operations.map((operation) => [operation.input, { service, operation }] as const),
  ),
);

/** The operation that a body's element asks for; undefined when the element is not the input of any. */
export function findOperation(
  input: ElementName,
): { readonly service: Service; readonly operation: Operation } | undefined {
  return byInput.get(input);
}
