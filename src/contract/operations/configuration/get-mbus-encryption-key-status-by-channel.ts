import { getMbusEncryptionKeyStatusByChannel } from "../../../operations/configuration/get-mbus-encryption-key-status-by-channel.ts";
import { wireForm } from "../wire-form.ts";

export const getMbusEncryptionKeyStatusByChannelForm = wireForm(
  getMbusEncryptionKeyStatusByChannel,
  "sm-configuration:GetMbusEncryptionKeyStatusByChannel",
  {
    device: (r) => r.GatewayDeviceIdentification,
    request: (r) => ({ channel: r.GetMbusEncryptionKeyStatusByChannelRequestData.Channel }),
    response: ({ status }) => ({ Result: "OK", EncryptionKeyStatus: status }),
  },
);
