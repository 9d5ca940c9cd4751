import { activateService } from "../../../operations/egauge/activate-service.ts";
import { printable } from "../values.ts";
import { wireForm } from "../wire-form.ts";

export const activateServiceForm = wireForm(activateService, "egauge-commands:ActivateService", {
  request: ({ ServiceType, Provider }) => ({ service: ServiceType === "ALERT" ? "alert" : "push", provider: Provider }),
  response: ({ activated, signupUrl }) => ({
    Result: "OK",
    Activated: activated,
    ...(signupUrl !== undefined && { SignupUrl: printable(signupUrl) }),
  }),
});
