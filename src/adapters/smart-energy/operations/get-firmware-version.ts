import { MetergateError } from "../../../domain/errors.ts";
import { getFirmwareVersion } from "../../../operations/configuration/get-firmware-version.ts";
import { execution } from "../execution.ts";
import { firmwareLevel } from "./firmware-level.ts";

/** What the cloud knows of the gateway; meters behind it do not tell theirs. */
export const getFirmwareVersionExecution = execution(
  getFirmwareVersion,
  async (context) => {
    const version = await firmwareLevel(context);
    if (version) return { versions: [{ module: "ACTIVE_FIRMWARE" as const, version }] };
    throw new MetergateError("ILLEGAL_RESPONSE", "Device Cloud does not know the gateway's firmware");
  },
  () => undefined,
  "gateway",
);
