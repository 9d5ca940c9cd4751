import { getAdministrativeStatus } from "../../../operations/configuration/get-administrative-status.ts";
import { nothing, wireForm } from "../wire-form.ts";

export const getAdministrativeStatusForm = wireForm(
  getAdministrativeStatus,
  "sm-configuration:GetAdministrativeStatus",
  {
    request: nothing,
    response: ({ status }) => ({ Enabled: status }),
    bundle: {
      element: "GetAdministrativeStatusRequest",
      request: nothing,
      answer: "AdministrativeStatusResponse",
      response: ({ status }) => ({ Result: "OK", AdministrativeStatusType: status }),
    },
  },
);
