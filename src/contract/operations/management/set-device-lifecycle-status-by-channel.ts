import { setDeviceLifecycleStatusByChannel } from "../../../operations/management/set-device-lifecycle-status-by-channel.ts";
import type { ResultOf } from "../../../operations/operation.ts";
import type { smManagement as wire } from "../../generated/index.ts";
import { wireForm } from "../wire-form.ts";

const toRequest = ({ DeviceLifecycleStatus, Channel }: wire.SetDeviceLifecycleStatusByChannelRequestData) => ({
  channel: Channel,
  status: DeviceLifecycleStatus,
});
const fromResult = ({ gateway, mbusDevice, status, channel }: ResultOf<typeof setDeviceLifecycleStatusByChannel>) => ({
  GatewayDeviceIdentification: gateway,
  MbusDeviceIdentification: mbusDevice,
  DeviceLifecycleStatus: status,
  Channel: channel,
});

export const setDeviceLifecycleStatusByChannelForm = wireForm(
  setDeviceLifecycleStatusByChannel,
  "sm-management:SetDeviceLifecycleStatusByChannel",
  {
    device: (r) => r.GatewayDeviceIdentification,
    request: (r) => toRequest(r.SetDeviceLifecycleStatusByChannelRequestData),
    response: (result) => ({ Result: "OK", SetDeviceLifecycleStatusByChannelResponseData: fromResult(result) }),
    bundle: {
      element: "SetDeviceLifecycleStatusByChannelRequest",
      request: toRequest,
      answer: "SetDeviceLifecycleStatusByChannelResponse",
      response: (result) => ({ Result: "OK", ...fromResult(result) }),
    },
  },
);
