import { createDecipheriv } from "node:crypto";
import { asElements, asOctets, type CosemData } from "../../dlms/data.ts";
import { concatBytes, equalBytes, fromHex } from "../../lib/bytes.ts";
import { logMbusKey } from "./events.ts";
import { type MbusDevice, manufacturerNumber } from "./mbus-device.ts";
import type { Meter, StateKey } from "./meter.ts";

/** Keys that a gas meter has taken; 16 octets each. */
export interface GasMeterKeys {
  user?: Uint8Array;
  firmwareUpdateAuthentication?: Uint8Array;
  opticalPort?: Uint8Array;
}

/** Key identifiers inside a wrapped key. */
const KEY_FIELDS: Readonly<Record<number, keyof GasMeterKeys>> = {
  0: "user",
  1: "firmwareUpdateAuthentication",
  2: "opticalPort",
};

const GAS_METER_KEYS: StateKey<Map<number, GasMeterKeys>> = { create: () => new Map() };
/** Data record header under which M-Bus carries a wrapped key. */
const KEY_RECORD = [fromHex("0D"), fromHex("FD19")] as const;
const COUNTER_OCTETS = 4;
const TAG_OCTETS = 8;
const KEY_OCTETS = 16;

/** The keys that the gas meter on a channel has taken so far. */
export function gasMeterKeys(meter: Meter, channel: number): GasMeterKeys {
  const all = meter.state(GAS_METER_KEYS);
  const keys = all.get(channel) ?? {};
  all.set(channel, keys);
  return keys;
}

/** Brings a wrapped user key to the gas meter, which takes it only if it was wrapped with its default key. */
export function deliverUserKey(meter: Meter, channel: number, wrapped: Uint8Array): void {
  const device = meter.description.mbusDevices.get(channel);
  if (!device) return;
  const unwrapped = meter.profile.mbusClientVersion === 0 ? unwrapCbc(device, wrapped) : unwrapGcm(device, wrapped);
  logMbusKey(meter, channel, unwrapped !== null);
  if (unwrapped) gasMeterKeys(meter, channel)[unwrapped.field] = unwrapped.key;
}

/** Brings a wrapped key of any kind that was sent as M-Bus data: an array of {DIF, VIF, data}. */
export function deliverKeyByData(meter: Meter, channel: number, records: CosemData): void {
  for (const record of asElements(records)) {
    const [dif, vif, data] = asElements(record).map((part) => asOctets(part));
    if (equalBytes(dif!, KEY_RECORD[0]) && equalBytes(vif!, KEY_RECORD[1])) {
      deliverUserKey(meter, channel, data!);
    }
  }
}

interface UnwrappedKey {
  readonly field: keyof GasMeterKeys;
  readonly key: Uint8Array;
}

/** Up to SMR 4.3: AES-128-CBC under the default key, no padding, initialisation vector of zeros. No check is possible. */
function unwrapCbc(device: MbusDevice, wrapped: Uint8Array): UnwrappedKey | null {
  if (wrapped.length !== KEY_OCTETS) return null;
  const decipher = createDecipheriv("aes-128-cbc", device.defaultKey, new Uint8Array(16)).setAutoPadding(false);
  return { field: "user", key: new Uint8Array(Buffer.concat([decipher.update(wrapped), decipher.final()])) };
}

/** SMR 5: key change counter (4) ‖ AES-128-GCM of key id, length and key ‖ tag (8). Null when the tag is wrong. */
function unwrapGcm(device: MbusDevice, wrapped: Uint8Array): UnwrappedKey | null {
  if (wrapped.length !== COUNTER_OCTETS + 2 + KEY_OCTETS + TAG_OCTETS) return null;
  const counter = wrapped.subarray(0, COUNTER_OCTETS);
  const nonce = concatBytes(mbusAddress(device), Uint8Array.of(0x50, 0x03), counter);
  const decipher = createDecipheriv("aes-128-gcm", device.defaultKey, nonce, { authTagLength: TAG_OCTETS });
  decipher.setAuthTag(wrapped.subarray(-TAG_OCTETS));
  try {
    const plain = Buffer.concat([decipher.update(wrapped.subarray(COUNTER_OCTETS, -TAG_OCTETS)), decipher.final()]);
    const field = KEY_FIELDS[plain[0]!];
    if (!field || plain[1] !== KEY_OCTETS) return null;
    return { field, key: new Uint8Array(plain.subarray(2)) };
  } catch {
    return null;
  }
}

/** Identification number as BCD and manufacturer, both least significant octet first. */
function mbusAddress(device: MbusDevice): Uint8Array {
  const identification = fromHex(device.identificationNumber).reverse();
  const manufacturer = manufacturerNumber(device.manufacturer);
  return concatBytes(identification, Uint8Array.of(manufacturer & 0xff, manufacturer >> 8));
}
