import { defineOperation, type Nothing } from "../operation.ts";

/** Clears what an eGauge meter has yet to take over from remote registers, or its compressed files. */
export const clearData = defineOperation<{ readonly data: "excess" | "web_cache" }, Nothing>({
  name: "ClearData",
  group: "MANAGEMENT",
  effect: "writes",
  notification: "CLEAR_DATA",
  failure: "fault",
});
