import type { EnergyRegister } from "../../../operations/readings.ts";
import type { ObjectTag } from "../profiles/index.ts";

/** What holds each of the counts of an electricity meter; attribute 2 of class 3. */
export const ENERGY_OBJECTS = {
  import: "ACTIVE_ENERGY_IMPORT",
  export: "ACTIVE_ENERGY_EXPORT",
  importTariff1: "ACTIVE_ENERGY_IMPORT_RATE_1",
  importTariff2: "ACTIVE_ENERGY_IMPORT_RATE_2",
  exportTariff1: "ACTIVE_ENERGY_EXPORT_RATE_1",
  exportTariff2: "ACTIVE_ENERGY_EXPORT_RATE_2",
} as const satisfies Record<EnergyRegister, ObjectTag>;
