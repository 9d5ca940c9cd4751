import { getFirmwareVersion } from "../../../operations/configuration/get-firmware-version.ts";
import { execution } from "../execution.ts";
import { readVersions } from "../versions.ts";

export const getFirmwareVersionExecution = execution(getFirmwareVersion, {
  async run(context) {
    const { firmware, kernel } = await readVersions(context);
    return {
      versions: [
        { module: "ACTIVE_FIRMWARE" as const, version: firmware },
        ...(kernel === undefined ? [] : [{ module: "MODULE_ACTIVE_FIRMWARE" as const, version: kernel }]),
      ],
    };
  },
});
