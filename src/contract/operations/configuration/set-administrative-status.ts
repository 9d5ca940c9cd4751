import { setAdministrativeStatus } from "../../../operations/configuration/set-administrative-status.ts";
import { change, wireForm } from "../wire-form.ts";

export const setAdministrativeStatusForm = wireForm(
  setAdministrativeStatus,
  "sm-configuration:SetAdministrativeStatus",
  {
    ...change,
    request: (r) => ({ status: r.Enabled }),
    bundle: {
      element: "SetAdministrativeStatusRequest",
      request: (data) => ({ status: data.AdministrativeStatusType }),
      success: "Set administrative status was successful",
    },
  },
);
