import type { FirmwareVersion } from "../firmware-version.ts";
import { defineOperation, type Nothing } from "../operation.ts";

export const getFirmwareVersion = defineOperation<Nothing, { readonly versions: readonly FirmwareVersion[] }>({
  name: "GetFirmwareVersion",
  group: "FIRMWARE",
  effect: "reads",
  notification: "GET_FIRMWARE_VERSION",
  failure: "fault",
});
