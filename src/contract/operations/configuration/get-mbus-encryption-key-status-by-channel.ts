import { getMbusEncryptionKeyStatusByChannel } from "../../../operations/configuration/get-mbus-encryption-key-status-by-channel.ts";
import { wireForm } from "../wire-form.ts";

export const getMbusEncryptionKeyStatusByChannelForm = wireForm(
  getMbusEncryptionKeyStatusByChannel,
  "sm-configuration:GetMbusEncryptionKeyStatusByChannel",
  {
    device: (r) => r.GatewayDeviceIdentification,
    request: (r) => ({ channel: r.GetMbusEncryptionKeyStatusByChannelRequestData.Channel }),
    response: ({ status }) => ({ Result: "OK", EncryptionKeyStatus: status }),
    bundle: {
      element: "GetMbusEncryptionKeyStatusByChannelRequest",
      request: ({ Channel }) => ({ channel: Channel }),
      answer: "GetMbusEncryptionKeyStatusByChannelResponse",
      response: ({ status }, device, { channel }) => ({
        Result: "OK",
        GatewayDeviceIdentification: device,
        EncryptionKeyStatus: status,
        Channel: channel,
      }),
    },
  },
);
