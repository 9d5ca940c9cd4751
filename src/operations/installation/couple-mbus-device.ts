import type { ChannelValues } from "../mbus.ts";
import { defineOperation } from "../operation.ts";

/** Addressed to the electricity meter. */
export const coupleMbusDevice = defineOperation<
  {
    readonly mbusDevice: string;
    /** Also when the M-Bus device is coupled already. */
    readonly force: boolean;
  },
  { readonly mbusDevice: string; readonly channel: ChannelValues }
>({
  name: "CoupleMbusDevice",
  group: "INSTALLATION",
  effect: "writes",
  notification: "COUPLE_MBUS_DEVICE",
  failure: "fault",
});
