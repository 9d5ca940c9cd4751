import { defineOperation } from "../operation.ts";

/** Starts an eGauge meter anew, and waits until it is back. */
export const reboot = defineOperation<
  {
    /** Also when settings have changed that may give it another address. */
    readonly allowAddressChange: boolean;
  },
  { readonly bootMs?: number | undefined }
>({
  name: "Reboot",
  group: "MANAGEMENT",
  effect: "moves",
  notification: "REBOOT",
  failure: "fault",
  isDangerous: ({ allowAddressChange }) => allowAddressChange,
});
