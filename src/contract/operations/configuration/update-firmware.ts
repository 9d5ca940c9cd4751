import { updateFirmware } from "../../../operations/configuration/update-firmware.ts";
import { done, wireForm } from "../wire-form.ts";

export const updateFirmwareForm = wireForm(updateFirmware, "sm-configuration:UpdateFirmware", {
  request: (r) => ({ firmwareIdentification: r.FirmwareIdentification }),
  response: done,
  bundle: {
    element: "UpdateFirmwareRequest",
    request: (data) => ({ firmwareIdentification: data.FirmwareIdentification }),
    answer: "UpdateFirmwareResponse",
    response: done,
  },
});
