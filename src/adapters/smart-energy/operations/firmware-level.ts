import { childText, descendantsNamed, parseElement } from "../../../smart-energy/element.ts";
import { SmartEnergyFormatError } from "../../../smart-energy/errors.ts";
import type { OperationContext } from "../execution.ts";

/** What the cloud knows of the firmware that a gateway runs; undefined when it knows nothing. */
export async function firmwareLevel({
  client,
  gateway,
  signal,
}: Pick<OperationContext, "client" | "gateway" | "signal">): Promise<string | undefined> {
  const { account, deviceId } = await gateway();
  const condition = encodeURIComponent(`devConnectwareId='${deviceId}'`);
  const text = await client.get(account, `/ws/DeviceCore?condition=${condition}`, signal);
  try {
    const devices = descendantsNamed(parseElement(text), "DeviceCore");
    const own = devices.find((device) => childText(device, "devConnectwareId")?.toUpperCase() === deviceId);
    return own && childText(own, "dpFirmwareLevelDesc");
  } catch (error) {
    if (error instanceof SmartEnergyFormatError) return undefined;
    throw error;
  }
}
