import { MetergateError } from "../../../domain/errors.ts";
import { setRandomisationSettings } from "../../../operations/configuration/set-randomisation-settings.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { change, wireForm } from "../wire-form.ts";

/** @throws MetergateError VALIDATION_ERROR when directAttach is neither 0 nor 1. */
function toRandomisationSettings({ directAttach, ...settings }: wire.SetRandomisationSettingsRequestData) {
  if (directAttach !== 0 && directAttach !== 1) {
    throw new MetergateError("VALIDATION_ERROR", `directAttach must be 0 or 1, not ${directAttach}`);
  }
  return { directAttach: directAttach === 1, ...settings };
}

export const setRandomisationSettingsForm = wireForm(
  setRandomisationSettings,
  "sm-configuration:SetRandomisationSettings",
  {
    ...change,
    request: (r) => toRandomisationSettings(r.SetRandomisationSettingsData),
    bundle: {
      element: "SetRandomisationSettingsRequest",
      request: toRandomisationSettings,
      success: "Set Randomisation Settings was successful.",
    },
  },
);
