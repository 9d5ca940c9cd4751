import type { EncryptionKeyStatus } from "../mbus.ts";
import { defineOperation, type Nothing } from "../operation.ts";

export const getMbusEncryptionKeyStatus = defineOperation<Nothing, { readonly status: EncryptionKeyStatus }>({
  name: "GetMbusEncryptionKeyStatus",
  addressedTo: ["mbus-device"],
  tellsMissingGateway: true,
  group: "CONFIGURATION",
  effect: "reads",
  notification: "GET_MBUS_ENCRYPTION_KEY_STATUS",
  failure: "fault",
});
