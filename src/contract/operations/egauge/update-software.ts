import { updateSoftware } from "../../../operations/egauge/update-software.ts";
import { printable } from "../values.ts";
import { wireForm } from "../wire-form.ts";

export const updateSoftwareForm = wireForm(updateSoftware, "egauge-commands:UpdateSoftware", {
  request: ({ Action, Target, Branch, Force, Version }) => ({
    action: Action === "LIST" ? "list" : "install",
    target: Target === "FIRMWARE" ? "fw" : "kernel",
    ...(Branch !== undefined && { branch: Branch }),
    force: Force,
    ...(Version !== undefined && { version: Version }),
  }),
  response: ({ newest, minimum, installed }) => ({
    Result: "OK",
    ...(newest !== undefined && { NewestVersion: printable(newest) }),
    ...(minimum !== undefined && { MinimumVersion: printable(minimum) }),
    ...(installed !== undefined && { InstalledVersion: printable(installed) }),
  }),
});
