import { setLCD } from "../../../operations/ekm/set-l-c-d.ts";
import { execution, notInV3 } from "../execution.ts";
import { NOWHERE } from "../shows.ts";

export const setLCDExecution = execution(setLCD, {
  missing: notInV3("selection of what the display shows"),
  run: ({ meter }, { displayFields }) => meter.change("SetLCD", { display_fields: displayFields }, NOWHERE),
});
