import { fromHex } from "../../../lib/bytes.ts";
import { getFirmwareVersionGas } from "../../../operations/configuration/get-firmware-version-gas.ts";
import type { ResultOf } from "../../../operations/operation.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { nothing, wireForm } from "../wire-form.ts";

/** The gas meter's version is hexadecimal digits already. */
function fromGasFirmwareVersion({ version }: ResultOf<typeof getFirmwareVersionGas>): wire.FirmwareVersionGas {
  return { Version: fromHex(version.version), FirmwareModuleType: "SIMPLE_VERSION_INFO" };
}

export const getFirmwareVersionGasForm = wireForm(getFirmwareVersionGas, "sm-configuration:GetFirmwareVersionGas", {
  request: nothing,
  response: (result) => ({ Result: "OK", FirmwareVersion: fromGasFirmwareVersion(result) }),
  bundle: {
    element: "GetFirmwareVersionGasRequest",
    device: (data) => data.DeviceIdentification,
    request: nothing,
    answer: "GetFirmwareVersionGasResponse",
    response: (result) => ({ Result: "OK", FirmwareVersion: fromGasFirmwareVersion(result) }),
  },
});
