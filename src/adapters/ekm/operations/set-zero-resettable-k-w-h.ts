import { setZeroResettableKWH } from "../../../operations/ekm/set-zero-resettable-k-w-h.ts";
import { execution, notInV3 } from "../execution.ts";
import { fieldsAreZero } from "../shows.ts";

export const setZeroResettableKWHExecution = execution(setZeroResettableKWH, {
  missing: notInV3("resettable registers"),
  run: ({ meter }) => meter.change("SetZeroResettableKWH", {}, fieldsAreZero("kWh_Rst", "Rev_kWh_Rst")),
});
