import { defineOperation, type Nothing } from "../operation.ts";

/** Changes the record of the M-Bus device alone. */
export const decoupleMbusDeviceAdministrative = defineOperation<Nothing, Nothing>({
  name: "DecoupleMbusDeviceAdministrative",
  runsOn: "platform",
  addressedTo: ["mbus-device"],
  group: "INSTALLATION",
  effect: "writes",
  notification: "DECOUPLE_MBUS_DEVICE_ADMINISTRATIVE",
  failure: "fault",
});
