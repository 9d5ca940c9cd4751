import { getFirmwareVersion } from "../../../operations/configuration/get-firmware-version.ts";
import type { FirmwareVersion } from "../../../operations/firmware-version.ts";
import { execution } from "../execution.ts";

/** As the meter's readings tell it, with the model in front: the firmware's numbers of two models have nothing in common. */
export const getFirmwareVersionExecution = execution(getFirmwareVersion, {
  async run({ meter, device, records }) {
    const { fields } = await meter.latest();
    const told = [fields.get("Model"), fields.get("Firmware")].filter((each) => each !== undefined && each !== "");
    const versions: FirmwareVersion[] =
      told.length === 0 ? [] : [{ module: "ACTIVE_FIRMWARE", version: told.join("-") }];
    await records.setFirmwareVersions(device.identification, versions);
    return { versions };
  },
});
