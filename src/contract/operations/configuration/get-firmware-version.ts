import { MetergateError } from "../../../domain/errors.ts";
import { getFirmwareVersion } from "../../../operations/configuration/get-firmware-version.ts";
import type { ResultOf } from "../../../operations/operation.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { printable } from "../values.ts";
import { nothing, wireForm } from "../wire-form.ts";

/** @throws MetergateError ILLEGAL_RESPONSE when the meter named no version: the schema demands one. */
export function fromFirmwareVersions({ versions }: ResultOf<typeof getFirmwareVersion>): wire.FirmwareVersion[] {
  const known = versions.flatMap(({ module, version }) =>
    module === "SIMPLE_VERSION_INFO" ? [] : [{ Version: printable(version), FirmwareModuleType: module }],
  );
  if (known.length === 0) throw new MetergateError("ILLEGAL_RESPONSE", "The meter named no firmware version");
  return known;
}

export const getFirmwareVersionForm = wireForm(getFirmwareVersion, "sm-configuration:GetFirmwareVersion", {
  request: nothing,
  response: (result) => ({ Result: "OK", FirmwareVersion: fromFirmwareVersions(result) }),
  bundle: {
    element: "GetFirmwareVersionRequest",
    request: nothing,
    answer: "GetFirmwareVersionResponse",
    response: (result) => ({ Result: "OK", FirmwareVersions: fromFirmwareVersions(result) }),
  },
});
