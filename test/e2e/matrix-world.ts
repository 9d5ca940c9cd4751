import { DEMO_ORGANISATION } from "../../src/cli/demo-fleet.ts";
import { importDevices } from "../../src/devices/import.ts";
import { FAMILIES } from "../../src/families.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { type Clock, systemClock } from "../../src/lib/clock.ts";
import { startWorld, type World } from "./harness.ts";
import { VERSIONS } from "./matrix-expectations.ts";
import { prepareKeysAndFirmware } from "./matrix-keys.ts";

/** The service with a meter of each version, and a gas meter of the same version behind each. */
export async function startMatrixWorld(
  settings: Record<string, string> = {},
  options: { readonly clock?: Clock } = {},
): Promise<World> {
  const world = await startWorld(settings, options);
  const devices = VERSIONS.map(({ version, meter, gasMeter }) => {
    const [name, number] = version.split(" ");
    const device = world.meter(meter).meter.description.mbusDevices.get(1)!;
    return {
      identification: gasMeter,
      protocol: { name, version: number },
      gateway: { device: meter, channel: 1 },
      mbus: {
        identificationNumber: device.identificationNumber,
        manufacturerIdentification: device.manufacturer,
        version: device.version,
        deviceType: device.deviceType,
      },
      model: "SIM-1",
      owner: DEMO_ORGANISATION,
      keys: { G_METER_MASTER_KEY: toHex(device.defaultKey) },
    };
  });
  const { store, vault } = world.service;
  const parts = { families: FAMILIES, store, vault, clock: systemClock, replaceKeys: true };
  await importDevices(JSON.stringify({ devices }), parts);
  await prepareKeysAndFirmware(world);
  return world;
}
