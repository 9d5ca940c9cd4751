import type { OperationName } from "../../domain/request.ts";
import { ADHOC_OPERATIONS } from "./adhoc.ts";
import { CONFIGURATION_OPERATIONS } from "./configuration.ts";
import type { OperationMapping } from "./mapping.ts";

export type { OperationMapping } from "./mapping.ts";

/** Every operation that runs on a device, by its name. */
export const OPERATION_MAPPINGS: ReadonlyMap<OperationName, OperationMapping> = new Map(
  [...CONFIGURATION_OPERATIONS, ...ADHOC_OPERATIONS].map((mapping) => [mapping.operation, mapping]),
);
