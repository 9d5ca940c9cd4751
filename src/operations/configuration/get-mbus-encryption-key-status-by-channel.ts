import type { EncryptionKeyStatus } from "../mbus.ts";
import { defineOperation } from "../operation.ts";
import type { Channel } from "../values.ts";

export const getMbusEncryptionKeyStatusByChannel = defineOperation<
  { readonly channel: Channel },
  { readonly status: EncryptionKeyStatus }
>({
  name: "GetMbusEncryptionKeyStatusByChannel",
  group: "CONFIGURATION",
  effect: "reads",
  notification: "GET_MBUS_ENCRYPTION_KEY_STATUS_BY_CHANNEL",
  failure: "fault",
});
