import { defineOperation, type Nothing } from "../operation.ts";

export const updateFirmware = defineOperation<{ readonly firmwareIdentification: string }, Nothing>({
  name: "UpdateFirmware",
  addressedTo: ["meter", "mbus-device"],
  coveredBy: ["FIRMWARE"],
  effect: "moves",
  notification: "UPDATE_FIRMWARE",
  failure: "fault",
});
