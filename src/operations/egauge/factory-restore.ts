import { defineOperation, type Nothing } from "../operation.ts";

/** Leaves an eGauge meter as it was delivered: all data, settings and passwords are gone. */
export const factoryRestore = defineOperation<Nothing, Nothing>({
  name: "FactoryRestore",
  group: "MANAGEMENT",
  effect: "moves",
  notification: "FACTORY_RESTORE",
  failure: "fault",
  isDangerous: () => true,
});
