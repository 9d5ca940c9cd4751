import { CONTRACT_SERVICES } from "./generated/services.ts";
import type { Service } from "./tables.ts";

export { CONTRACT_SERVICES } from "./generated/services.ts";
export type { Operation, OperationKind, Service } from "./tables.ts";

/**
 * The services that are offered: all of their operations are there. Those that the contract has beyond them are known by
 * their schemas and WSDLs only, until their names are added here.
 */
const OFFERED: ReadonlySet<string> = new Set([
  "SmartMeteringAdhoc",
  "SmartMeteringBundle",
  "SmartMeteringCommon",
  "SmartMeteringConfiguration",
  "SmartMeteringManagement",
  "SmartMeteringMonitoring",
]);

/** The services that are offered, each with its operations in the order of the port type. */
export const SERVICES: readonly Service[] = CONTRACT_SERVICES.filter(({ name }) => OFFERED.has(name));
