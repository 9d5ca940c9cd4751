import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ApplicationKeys } from "../devices/application-keys.ts";
import { importDevices } from "../devices/import.ts";
import type { SimulatedDevices } from "../domain/simulation.ts";
import { FAMILIES } from "../families.ts";
import { toHex } from "../lib/bytes.ts";
import { systemClock } from "../lib/clock.ts";
import { PACKAGE_ROOT } from "../lib/package-root.ts";
import { sha256Hex } from "../lib/sha256.ts";
import type { Service } from "../service.ts";
import type { MeterOptions } from "../simulators/dlms/meter-options.ts";
import type { SimulatedMeter } from "../simulators/dlms/simulated-meter.ts";
import { simulationFile } from "./simulate-family.ts";

/** The meters of the demo: identifications as in public examples, one for each version of the companion standards. */
const METERS = [
  { identification: "TEST1022000000001", profile: "dsmr2.2", name: "DSMR", version: "2.2" },
  { identification: "TEST1024000000001", profile: "dsmr4.2.2", name: "DSMR", version: "4.2.2" },
  { identification: "TEST1043000000001", profile: "smr4.3", name: "SMR", version: "4.3" },
  { identification: "TEST1027000000001", profile: "smr5.0.0", name: "SMR", version: "5.0.0" },
  { identification: "TEST1051000000001", profile: "smr5.1", name: "SMR", version: "5.1" },
  { identification: "TEST1052000000001", profile: "smr5.2", name: "SMR", version: "5.2" },
  { identification: "TEST1055000000001", profile: "smr5.5", name: "SMR", version: "5.5" },
] as const;

/** The gas meter of the demo, behind the first channel of one of the meters. */
const GAS_METER = { identification: "TESTG102700000001", gateway: "TEST1027000000001", channel: 1 };

export const DEMO_ORGANISATION = "test-org";
/** Model of the demo's devices, for firmware checks. */
export const DEMO_MODEL = "SIM-1";

/** What the simulated fleet is to be. */
export const DEMO_METERS: readonly MeterOptions[] = METERS.map(({ identification, profile }) => ({
  identification,
  profile,
}));

/** The devices file that fits a fleet of `DEMO_METERS`. */
export function demoDevicesFile(fleet: readonly SimulatedMeter[]): string {
  const meters = fleet.map(({ identification, host, port, keys, meter }) => {
    const { name, version } = METERS.find((candidate) => candidate.identification === identification)!;
    const lls1Active = meter.description.security === "lls1";
    return {
      identification,
      protocol: { name, version },
      host,
      port,
      logicalDevice: meter.description.logicalDevice,
      lls1Active,
      hls5Active: !lls1Active,
      withListMax: 10,
      selectiveAccessSupported: true,
      polyphase: true,
      model: DEMO_MODEL,
      owner: DEMO_ORGANISATION,
      keys: {
        E_METER_MASTER_KEY: toHex(keys.master),
        E_METER_AUTHENTICATION_KEY: toHex(keys.authentication),
        E_METER_ENCRYPTION_KEY_UNICAST: toHex(keys.encryptionUnicast),
        ...(lls1Active && { LLS_PASSWORD: Buffer.from(keys.password).toString("ascii") }),
      },
    };
  });
  const gateway = fleet.find(({ identification }) => identification === GAS_METER.gateway);
  const gas = gateway?.meter.description.mbusDevices.get(GAS_METER.channel);
  const gasMeter = gas && {
    identification: GAS_METER.identification,
    protocol: { name: "SMR", version: "5.0.0" },
    gateway: { device: GAS_METER.gateway, channel: GAS_METER.channel },
    mbus: {
      identificationNumber: gas.identificationNumber,
      manufacturerIdentification: gas.manufacturer,
      version: gas.version,
      deviceType: gas.deviceType,
    },
    model: DEMO_MODEL,
    owner: DEMO_ORGANISATION,
    keys: { G_METER_MASTER_KEY: toHex(gas.defaultKey) },
  };
  const devices = gasMeter ? [...meters, gasMeter] : meters;
  return JSON.stringify({ organisations: [{ identification: DEMO_ORGANISATION }], devices });
}

/** A file of the folder `samples`. */
export function readSample(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`samples/${name}`, PACKAGE_ROOT)));
}

/** Makes the demo's platform key that of a data directory, unless it has one: the sample's keys are sealed for it. */
export function placePlatformKey(dataDir: string): void {
  const file = join(dataDir, "platform-key.pem");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (!existsSync(file)) writeFileSync(file, readSample("demo-keys/platform-key.pem"), { mode: 0o600 });
}

/** Octets of the demo's firmware image: some 50 blocks. */
const IMAGE_SIZE = 10_000;

/**
 * Tells a service about a fleet of `DEMO_METERS` and devices of other families: with their keys, an application's key, a
 * firmware image.
 */
export async function arrangeDemo(
  { store, vault }: Service,
  fleet: readonly SimulatedMeter[],
  others: readonly SimulatedDevices[],
): Promise<void> {
  const parts = { families: FAMILIES, store, vault, clock: systemClock, replaceKeys: true };
  await importDevices(demoDevicesFile(fleet), parts);
  await importDevices(simulationFile(others, DEMO_ORGANISATION), parts);
  const publicKey = Buffer.from(readSample("demo-keys/erp-public-key.pem"));
  await new ApplicationKeys(store.devices).add(DEMO_ORGANISATION, "ERP", publicKey, "erp-public-key.pem");
  const image = Uint8Array.from({ length: IMAGE_SIZE }, (_, i) => (i * 31) & 0xff);
  const firmware = {
    identification: "DEMO-IMAGE-1",
    image,
    sha256: sha256Hex(image),
    imageIdentifier: Buffer.from("DEMO-IMAGE-1"),
    models: [DEMO_MODEL],
  };
  await store.firmware.put(firmware, systemClock.now(), []);
}
