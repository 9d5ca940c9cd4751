import { createHash } from "node:crypto";
import { CHALLENGE_LENGTHS, CipherKeys } from "../../dlms/security.ts";
import type { SecretType } from "../../domain/device.ts";
import { MetergateError } from "../../domain/errors.ts";
import type { DlmsDevice } from "./device.ts";
import type { SecretPurpose, SecretStore } from "./ports.ts";

/** How an association is secured. */
export type Security =
  /** Lowest: neither authentication nor ciphering. */
  | { readonly level: "LLS0" }
  /** A password, and ciphered APDUs once the association stands. */
  | { readonly level: "LLS1"; readonly password: Uint8Array; readonly keys: CipherKeys }
  /** GMAC both ways, everything ciphered. */
  | { readonly level: "HLS5"; readonly keys: CipherKeys; readonly challengeLength: number };

const KEY_LENGTH = 16;
/** Every meter seen so far takes a challenge of this length; one fails with 64 octets. */
const DEFAULT_CHALLENGE_LENGTH = 16;
const SYSTEM_TITLE_PREFIX = [0x20, 0x20, 0x20];
/** Characters in front of the serial number in a device identification. */
const IDENTIFICATION_PREFIX_LENGTH = 5;
const SERIAL_OCTETS = 5;

/**
 * The system title that we use towards a device: three spaces and the device's serial number as five octets, big-endian.
 * An identification that has no serial number of that size gives the first five octets of its SHA-256 instead: the title
 * only has to be the device's own and always the same.
 * @returns 8 octets
 */
export function clientSystemTitle(identification: string): Uint8Array {
  const serial = identification.slice(IDENTIFICATION_PREFIX_LENGTH);
  const octets = new Uint8Array(SYSTEM_TITLE_PREFIX.length + SERIAL_OCTETS);
  octets.set(SYSTEM_TITLE_PREFIX);
  let number = /^\d+$/.test(serial) ? BigInt(serial) : -1n;
  if (number < 0n || number >= 1n << BigInt(8 * SERIAL_OCTETS)) {
    const digest = createHash("sha256").update(identification).digest();
    octets.set(digest.subarray(0, SERIAL_OCTETS), SYSTEM_TITLE_PREFIX.length);
    return octets;
  }
  for (let at = octets.length - 1; number > 0n; at--, number >>= 8n) octets[at] = Number(number & 0xffn);
  return octets;
}

/**
 * What a device's record says about security, with the secrets that it takes.
 * @throws MetergateError UNSUPPORTED_COMMUNICATION_SETTING for HLS3 and HLS4; KEY_NOT_PRESENT, INVALID_DLMS_KEY_FORMAT;
 * CHALLENGE_LENGTH_OUT_OF_RANGE
 */
export async function loadSecurity(
  device: DlmsDevice,
  secrets: SecretStore,
  purpose: SecretPurpose,
): Promise<Security> {
  const { hls5Active, hls4Active, hls3Active, lls1Active } = device.security;
  if (hls5Active) {
    const challengeLength = requireChallengeLength(device);
    return { level: "HLS5", challengeLength, keys: await loadKeys(device, secrets, purpose) };
  }
  if (hls4Active || hls3Active) {
    const level = hls4Active ? "HLS 4" : "HLS 3";
    throw new MetergateError(
      "UNSUPPORTED_COMMUNICATION_SETTING",
      `${device.identification} asks for ${level} authentication, which is not supported`,
    );
  }
  if (!lls1Active) return { level: "LLS0" };
  const password = await loadSecret(device, "LLS_PASSWORD", secrets, purpose);
  return { level: "LLS1", password, keys: await loadKeys(device, secrets, purpose) };
}

/**
 * The keys that cipher a device's messages.
 * @throws MetergateError KEY_NOT_PRESENT, INVALID_DLMS_KEY_FORMAT
 */
export async function loadKeys(device: DlmsDevice, secrets: SecretStore, purpose: SecretPurpose): Promise<CipherKeys> {
  const [encryption, authentication] = await Promise.all([
    loadKey(device, "E_METER_ENCRYPTION_KEY_UNICAST", secrets, purpose),
    loadKey(device, "E_METER_AUTHENTICATION_KEY", secrets, purpose),
  ]);
  return new CipherKeys(encryption, authentication);
}

async function loadKey(device: DlmsDevice, type: SecretType, secrets: SecretStore, purpose: SecretPurpose) {
  const key = await loadSecret(device, type, secrets, purpose);
  if (key.length === KEY_LENGTH) return key;
  throw new MetergateError(
    "INVALID_DLMS_KEY_FORMAT",
    `${type} of ${device.identification} has ${key.length} octets, not ${KEY_LENGTH}`,
  );
}

async function loadSecret(device: DlmsDevice, type: SecretType, secrets: SecretStore, purpose: SecretPurpose) {
  const secret = await secrets.getActive(device.identification, type, purpose);
  if (secret && secret.length > 0) return secret;
  throw new MetergateError("KEY_NOT_PRESENT", `${device.identification} has no ${type}`);
}

function requireChallengeLength(device: DlmsDevice): number {
  const { min, max } = CHALLENGE_LENGTHS;
  const length = device.dlms?.challengeLength ?? DEFAULT_CHALLENGE_LENGTH;
  if (length >= min && length <= max) return length;
  throw new MetergateError(
    "CHALLENGE_LENGTH_OUT_OF_RANGE",
    `The challenge length of ${device.identification} is ${length}; it must be ${min} to ${max}`,
  );
}
