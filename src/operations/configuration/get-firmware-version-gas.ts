import type { FirmwareVersion } from "../firmware-version.ts";
import { defineOperation, type Nothing } from "../operation.ts";

/** The version that a gas meter reports to the meter in front of it. */
export const getFirmwareVersionGas = defineOperation<Nothing, { readonly version: FirmwareVersion }>({
  name: "GetFirmwareVersionGas",
  addressedTo: ["mbus-device"],
  tellsMissingGateway: true,
  group: "FIRMWARE",
  effect: "reads",
  notification: "GET_FIRMWARE_VERSION",
  failure: "fault",
});
