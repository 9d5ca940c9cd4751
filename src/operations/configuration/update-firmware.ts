import { defineOperation, type Nothing } from "../operation.ts";

export const updateFirmware = defineOperation<{ readonly firmwareIdentification: string }, Nothing>({
  name: "UpdateFirmware",
  addressedTo: ["meter", "mbus-device"],
  group: "FIRMWARE",
  effect: "moves",
  notification: "UPDATE_FIRMWARE",
  failure: "fault",
});
