import { getMbusEncryptionKeyStatus } from "../../../operations/configuration/get-mbus-encryption-key-status.ts";
import { nothing, wireForm } from "../wire-form.ts";

export const getMbusEncryptionKeyStatusForm = wireForm(
  getMbusEncryptionKeyStatus,
  "sm-configuration:GetMbusEncryptionKeyStatus",
  {
    request: nothing,
    response: ({ status }) => ({ Result: "OK", EncryptionKeyStatus: status }),
    bundle: {
      element: "GetMbusEncryptionKeyStatusRequest",
      device: (data) => data.MbusDeviceIdentification,
      request: nothing,
      answer: "GetMbusEncryptionKeyStatusResponse",
      response: ({ status }, device) => ({
        Result: "OK",
        MbusDeviceIdentification: device,
        EncryptionKeyStatus: status,
      }),
    },
  },
);
