import { reboot } from "../../../operations/egauge/reboot.ts";
import { wireForm } from "../wire-form.ts";

export const rebootForm = wireForm(reboot, "egauge-commands:Reboot", {
  request: ({ AllowAddressChange }) => ({ allowAddressChange: AllowAddressChange }),
  response: ({ bootMs }) => ({ Result: "OK", ...(bootMs !== undefined && { BootTime: new Date(bootMs) }) }),
});
