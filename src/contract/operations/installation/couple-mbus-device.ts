import { coupleMbusDevice } from "../../../operations/installation/couple-mbus-device.ts";
import { fromChannelValues } from "../channel-element-values.ts";
import { wireForm } from "../wire-form.ts";

export const coupleMbusDeviceForm = wireForm(coupleMbusDevice, "sm-installation:CoupleMbusDevice", {
  request: ({ MbusDeviceIdentification, Force }) => ({ mbusDevice: MbusDeviceIdentification, force: Force }),
  response: ({ mbusDevice, channel }) => ({
    Result: "OK",
    MbusDeviceIdentification: mbusDevice,
    ChannelElementValues: fromChannelValues(channel),
  }),
});
