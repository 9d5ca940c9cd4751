import { createCipheriv } from "node:crypto";
import { concatBytes } from "../../lib/bytes.ts";
import type { MbusIdentity } from "../../operations/mbus.ts";

/** Number of a key inside an M-Bus meter, as SMR5 counts them (OMS security profile). */
export const MBUS_KEY_IDS = {
  G_METER_ENCRYPTION_KEY: 0,
  G_METER_FIRMWARE_UPDATE_AUTHENTICATION_KEY: 1,
  G_METER_OPTICAL_PORT_KEY: 2,
} as const;
export type MbusKeyType = keyof typeof MBUS_KEY_IDS;

/** In the nonce of a key transfer these two are fixed, whatever the meter reports. */
const NONCE_VERSION = 0x50;
const NONCE_MEDIUM_GAS = 0x03;
const EPOCH_2000_S = Date.UTC(2000, 0, 1) / 1000;

/**
 * M-Bus manufacturer code: three letters, five bits each, A is 1.
 * @returns 0 … 65535
 */
export function encodeManufacturer(letters: string): number {
  return [...letters].reduce((code, letter) => code * 32 + (letter.charCodeAt(0) - 64), 0);
}

/** Identification number (eight digits) as four BCD octets, least significant first. */
export function encodeIdentificationBcd(digits: string): Uint8Array {
  return new Uint8Array(Buffer.from(digits, "hex").reverse());
}

/**
 * Encrypts a new M-Bus user key under the meter's default key for DSMR 4.2.2: AES-128-CBC, zero IV, no padding.
 * @param masterKey 16 octets
 * @param newKey 16 octets
 * @returns 16 octets
 */
export function encryptUserKeyDsmr4(masterKey: Uint8Array, newKey: Uint8Array): Uint8Array {
  const cipher = createCipheriv("aes-128-cbc", masterKey, new Uint8Array(16)).setAutoPadding(false);
  return concatBytes(cipher.update(newKey), cipher.final());
}

/**
 * Encrypts a new key of an M-Bus meter under its default key for SMR5: AES-128-GCM with a tag of 8 octets over
 * key id, key size and key.
 * @param keyChangeCounter 0 … 2^32 − 1, must grow from one transfer to the next; see `keyChangeCounterAt`
 * @returns 30 octets: key change counter (big-endian), 18 octets of ciphertext, tag
 */
export function encryptKeySmr5(
  masterKey: Uint8Array,
  newKey: Uint8Array,
  keyId: number,
  keyChangeCounter: number,
  meter: Pick<MbusIdentity, "identificationNumber" | "manufacturerIdentification">,
): Uint8Array {
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(keyChangeCounter);
  const manufacturer = Buffer.alloc(2);
  manufacturer.writeUInt16LE(encodeManufacturer(meter.manufacturerIdentification));
  const nonce = concatBytes(
    encodeIdentificationBcd(meter.identificationNumber),
    manufacturer,
    Uint8Array.of(NONCE_VERSION, NONCE_MEDIUM_GAS),
    counter,
  );
  const cipher = createCipheriv("aes-128-gcm", masterKey, nonce, { authTagLength: 8 });
  const ciphertext = concatBytes(cipher.update(Uint8Array.of(keyId, newKey.length, ...newKey)), cipher.final());
  return concatBytes(counter, ciphertext, cipher.getAuthTag());
}

/** Seconds since 2000-01-01T00:00:00Z: grows by itself, so that no counter need be kept. */
export function keyChangeCounterAt(nowMs: number): number {
  return Math.floor(nowMs / 1000) - EPOCH_2000_S;
}
