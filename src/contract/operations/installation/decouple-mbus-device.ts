import { decoupleMbusDevice } from "../../../operations/installation/decouple-mbus-device.ts";
import { done, wireForm } from "../wire-form.ts";

export const decoupleMbusDeviceForm = wireForm(decoupleMbusDevice, "sm-installation:DecoupleMbusDevice", {
  request: ({ MbusDeviceIdentification }) => ({ mbusDevice: MbusDeviceIdentification }),
  response: done,
});
