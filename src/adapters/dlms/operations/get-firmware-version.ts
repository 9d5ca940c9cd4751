import { asOctets, type CosemData } from "../../../dlms/data.ts";
import { getFirmwareVersion } from "../../../operations/configuration/get-firmware-version.ts";
import type { FirmwareVersion } from "../../../operations/firmware-version.ts";
import { execution, missingObject } from "../execution.ts";
import { attributeOf, findObject, hasObject, type ObjectTag } from "../profiles/index.ts";

const MODULES: readonly (readonly [FirmwareVersion["module"], ObjectTag])[] = [
  ["ACTIVE_FIRMWARE", "ACTIVE_FIRMWARE_IDENTIFIER"],
  ["MODULE_ACTIVE_FIRMWARE", "MODULE_ACTIVE_FIRMWARE_IDENTIFIER"],
  ["COMMUNICATION_MODULE_ACTIVE_FIRMWARE", "COMMUNICATION_MODULE_ACTIVE_FIRMWARE_IDENTIFIER"],
  ["M_BUS_DRIVER_ACTIVE_FIRMWARE", "MBUS_DRIVER_ACTIVE_FIRMWARE_IDENTIFIER"],
];

const utf8 = new TextDecoder();

/** A version as text: UTF-8 without control characters, which some meters fill up with. */
function formatVersion(data: CosemData): string {
  if (data.type === "visible-string" || data.type === "utf8-string") return withoutControls(data.value);
  return withoutControls(utf8.decode(asOctets(data, "firmware version")));
}

function withoutControls(text: string): string {
  return [...text].filter((character) => character >= " ").join("");
}

/** Versions of the modules that the profile knows, in one list request where the meter takes lists. */
export const getFirmwareVersionExecution = execution(getFirmwareVersion, {
  missing: (profile) => missingObject(profile, "ACTIVE_FIRMWARE_IDENTIFIER"),
  async run({ meter, profile, device, records }) {
    const modules = MODULES.filter(([, tag]) => hasObject(profile, tag));
    const values = await meter.getAll(modules.map(([, tag]) => attributeOf(findObject(profile, tag), 2)));
    const versions = modules.map(([module], i): FirmwareVersion => ({ module, version: formatVersion(values[i]!) }));
    records.learnFirmwareVersions(device.identification, versions);
    return { versions };
  },
});
