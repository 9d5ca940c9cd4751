import { factoryRestore } from "../../../operations/egauge/factory-restore.ts";
import { done, nothing, wireForm } from "../wire-form.ts";

export const factoryRestoreForm = wireForm(factoryRestore, "egauge-commands:FactoryRestore", {
  request: nothing,
  response: done,
});
