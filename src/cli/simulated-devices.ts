import { toHex } from "../lib/bytes.ts";
import type { SimulatedMeter } from "../simulators/dlms/simulated-meter.ts";

/** Gas meters of a fleet are named after the electricity meter in front of them: this letter and the channel. */
const GAS_MARK = "G";
/** Models of simulated devices, for firmware checks: `metergate firmware add --model SIM-E`. */
const SIMULATED_MODEL = "SIM-E";
const SIMULATED_GAS_MODEL = "SIM-G";
/** Attributes that a simulated meter takes in one request. */
const WITH_LIST_MAX = 10;

/** A devices file (docs/devices.md) with which a service reaches simulated meters and the gas meters behind them. */
export function simulatedDevicesFile(meters: readonly SimulatedMeter[], owner: string, useHdlc: boolean): string {
  const devices = meters.flatMap((meter) => [entryOf(meter, owner, useHdlc), ...gasMetersOf(meter, owner)]);
  return `${JSON.stringify({ organisations: [{ identification: owner }], devices }, null, 2)}\n`;
}

function entryOf({ identification, host, port, keys, meter }: SimulatedMeter, owner: string, useHdlc: boolean) {
  const { profile, logicalDevice, security, systemTitle } = meter.description;
  return {
    identification,
    protocol: { name: profile.protocol, version: profile.version },
    model: SIMULATED_MODEL,
    host,
    port,
    logicalDevice,
    useHdlc,
    hls5Active: security === "hls5",
    lls1Active: security === "lls1",
    withListMax: WITH_LIST_MAX,
    selectiveAccessSupported: true,
    polyphase: true,
    systemTitle: toHex(systemTitle),
    owner,
    keys: {
      E_METER_MASTER_KEY: toHex(keys.master),
      E_METER_AUTHENTICATION_KEY: toHex(keys.authentication),
      E_METER_ENCRYPTION_KEY_UNICAST: toHex(keys.encryptionUnicast),
      ...(security === "lls1" && { LLS_PASSWORD: Buffer.from(keys.password).toString("latin1") }),
    },
  };
}

function gasMetersOf({ identification, meter }: SimulatedMeter, owner: string) {
  const { profile, mbusDevices } = meter.description;
  return [...mbusDevices].map(([channel, device]) => ({
    identification: `${identification}${GAS_MARK}${channel}`,
    protocol: { name: profile.protocol, version: profile.version },
    model: SIMULATED_GAS_MODEL,
    gateway: { device: identification, channel },
    mbus: {
      identificationNumber: device.identificationNumber,
      manufacturerIdentification: device.manufacturer,
      version: device.version,
      deviceType: device.deviceType,
    },
    owner,
    keys: { G_METER_MASTER_KEY: toHex(device.defaultKey) },
  }));
}
