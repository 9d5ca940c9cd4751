import { MetergateError } from "../../../domain/errors.ts";
import { getFirmwareVersion } from "../../../operations/configuration/get-firmware-version.ts";
import { childText, descendantsNamed, parseElement } from "../../../smart-energy/element.ts";
import { SmartEnergyFormatError } from "../../../smart-energy/errors.ts";
import { execution } from "../execution.ts";

/** What the cloud knows of the gateway; meters behind it do not tell theirs. */
export const getFirmwareVersionExecution = execution(
  getFirmwareVersion,
  async ({ client, gateway, signal }) => {
    const { account, deviceId } = await gateway();
    const condition = encodeURIComponent(`devConnectwareId='${deviceId}'`);
    const version = versionIn(await client.get(account, `/ws/DeviceCore?condition=${condition}`, signal), deviceId);
    if (version) return { versions: [{ module: "ACTIVE_FIRMWARE" as const, version }] };
    throw new MetergateError("ILLEGAL_RESPONSE", "Device Cloud does not know the gateway's firmware");
  },
  () => undefined,
  "gateway",
);

function versionIn(text: string, deviceId: string): string | undefined {
  try {
    const devices = descendantsNamed(parseElement(text), "DeviceCore");
    const own = devices.find((device) => childText(device, "devConnectwareId")?.toUpperCase() === deviceId);
    return own && childText(own, "dpFirmwareLevelDesc");
  } catch (error) {
    if (error instanceof SmartEnergyFormatError) return undefined;
    throw error;
  }
}
