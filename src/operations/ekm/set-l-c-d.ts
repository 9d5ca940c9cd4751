import type { Confirmation } from "../ekm.ts";
import { defineOperation } from "../operation.ts";

/** Says which values the display shows, in turn: 1 to 40, by their names in readings. */
export const setLCD = defineOperation<{ readonly displayFields: readonly string[] }, Confirmation>({
  name: "SetLCD",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_LCD",
  failure: "fault",
});
