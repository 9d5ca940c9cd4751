import { defineOperation, type Nothing } from "../operation.ts";

/** Addressed to the electricity meter. */
export const decoupleMbusDevice = defineOperation<{ readonly mbusDevice: string }, Nothing>({
  name: "DecoupleMbusDevice",
  group: "INSTALLATION",
  effect: "writes",
  notification: "DECOUPLE_MBUS_DEVICE",
  failure: "fault",
});
