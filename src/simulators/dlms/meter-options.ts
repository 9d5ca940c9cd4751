import { createHash } from "node:crypto";
import { concatBytes } from "../../lib/bytes.ts";
import { type Clock, systemClock } from "../../lib/clock.ts";
import type { Random } from "../../lib/random.ts";
import { SimulatorError } from "./errors.ts";
import { DEFAULT_MBUS_KEY, type MbusDevice } from "./mbus-device.ts";
import { Meter, type MeterSecurity } from "./meter.ts";
import { DEFAULT_METER_KEYS, type MeterKeys } from "./meter-keys.ts";
import { profileNamed } from "./profiles/index.ts";
import { seededRandom } from "./random.ts";

/** What can be chosen about one meter; everything has a default. */
export interface MeterOptions {
  /** 16 to 40 letters and digits; `SIMDM` and twelve digits by default. Pushes carry 17 characters. */
  readonly identification?: string;
  /** Name of a profile, `smr5.0.0` by default. */
  readonly profile?: string;
  /** HLS5 by default, LLS1 for DSMR 2.2. */
  readonly security?: MeterSecurity;
  /** 1 … 65535, by default 1. */
  readonly logicalDevice?: number;
  /** 8 octets; `SIM` and five octets that follow from the identification by default. */
  readonly systemTitle?: Uint8Array;
  /** What differs from the published default keys. */
  readonly keys?: Partial<MeterKeys>;
  /** By channel; a gas meter on channel 1 by default. */
  readonly mbusDevices?: ReadonlyMap<number, MbusDevice>;
  readonly clock?: Clock;
  /** Decides what happens by chance; by default repeatable, from the identification. */
  readonly random?: Random;
}

/** The gas meter that is on channel 1 of the `index`-th meter unless others are given. */
export function defaultGasMeter(index: number): MbusDevice {
  return {
    identificationNumber: String((12_056_731 + index) % 100_000_000).padStart(8, "0"),
    manufacturer: "LGB",
    version: 66,
    deviceType: 3,
    primaryAddress: 1,
    defaultKey: DEFAULT_MBUS_KEY,
  };
}

/**
 * Makes a meter, without a port to reach it by.
 * @throws SimulatorError when an option cannot be.
 */
export function createMeter(options: MeterOptions = {}): Meter {
  const identification = options.identification ?? "SIMDM000000000001";
  const profile = profileNamed(options.profile ?? "smr5.0.0");
  const keys = { ...DEFAULT_METER_KEYS, ...options.keys };
  const systemTitle = options.systemTitle ?? systemTitleOf(identification);
  const logicalDevice = options.logicalDevice ?? 1;
  expect(/^[0-9A-Za-z]{16,40}$/.test(identification), "an identification has 16 to 40 letters and digits");
  expect(logicalDevice >= 1 && logicalDevice <= 0xffff, "a logical device is a number from 1 to 65535");
  expect(systemTitle.length === 8, "a system title has 8 octets");
  expect(
    [keys.encryptionUnicast, keys.authentication, keys.master].every((key) => key.length === 16),
    "a key has 16 octets",
  );
  return new Meter({
    identification,
    profile,
    security: options.security ?? (profile.version === "2.2" ? "lls1" : "hls5"),
    logicalDevice,
    systemTitle,
    keys,
    mbusDevices: options.mbusDevices ?? new Map([[1, defaultGasMeter(0)]]),
    clock: options.clock ?? systemClock,
    random: options.random ?? seededRandom(identification),
  });
}

function systemTitleOf(identification: string): Uint8Array {
  const serial = createHash("sha256").update(identification).digest().subarray(0, 5);
  return concatBytes(new Uint8Array(Buffer.from("SIM", "latin1")), serial);
}

function expect(holds: boolean, rule: string): void {
  if (!holds) throw new SimulatorError("simulator/invalid-option", rule);
}
