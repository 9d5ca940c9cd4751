import { createHash } from "node:crypto";
import { CHALLENGE_LENGTHS, CipherKeys } from "../../dlms/security.ts";
import type { SecretType } from "../../domain/device.ts";
import { MetergateError } from "../../domain/errors.ts";
import type { SecretPurpose } from "../../domain/family-ports.ts";
import type { DlmsDevice } from "./device.ts";
import type { SecretStore } from "./ports.ts";

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

/** How a device's record says that associations are secured, as far as that is supported. */
export function securityLevel({ security, identification }: DlmsDevice): Security["level"] {
  const { hls5Active, hls4Active, hls3Active, lls1Active } = security;
  if (hls5Active) return "HLS5";
  if (!hls4Active && !hls3Active) return lls1Active ? "LLS1" : "LLS0";
  throw new MetergateError(
    "UNSUPPORTED_COMMUNICATION_SETTING",
    `${identification} asks for ${hls4Active ? "HLS 4" : "HLS 3"} authentication, which is not supported`,
  );
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
  switch (securityLevel(device)) {
    case "LLS0":
      return { level: "LLS0" };
    case "LLS1": {
      const types = ["LLS_PASSWORD", ...CIPHER_KEYS] as const;
      const [password, ...keys] = await loadSecrets(device, types, secrets, purpose);
      return { level: "LLS1", password: password!, keys: toCipherKeys(device, keys) };
    }
    case "HLS5": {
      const challengeLength = requireChallengeLength(device);
      return { level: "HLS5", challengeLength, keys: await loadKeys(device, secrets, purpose) };
    }
  }
}

const CIPHER_KEYS = ["E_METER_ENCRYPTION_KEY_UNICAST", "E_METER_AUTHENTICATION_KEY"] as const;

/**
 * The keys that cipher a device's messages.
 * @throws MetergateError KEY_NOT_PRESENT, INVALID_DLMS_KEY_FORMAT
 */
export async function loadKeys(device: DlmsDevice, secrets: SecretStore, purpose: SecretPurpose): Promise<CipherKeys> {
  return toCipherKeys(device, await loadSecrets(device, CIPHER_KEYS, secrets, purpose));
}

/** @param keys in the order of `CIPHER_KEYS` */
function toCipherKeys({ identification }: DlmsDevice, keys: readonly Uint8Array[]): CipherKeys {
  for (const [i, { length }] of keys.entries()) {
    if (length === KEY_LENGTH) continue;
    const text = `${CIPHER_KEYS[i]} of ${identification} has ${length} octets, not ${KEY_LENGTH}`;
    throw new MetergateError("INVALID_DLMS_KEY_FORMAT", text);
  }
  const [encryption, authentication] = keys;
  return new CipherKeys(encryption!, authentication!);
}

/** What an association takes, in one read. */
async function loadSecrets(
  { identification }: DlmsDevice,
  types: readonly SecretType[],
  secrets: SecretStore,
  purpose: SecretPurpose,
): Promise<Uint8Array[]> {
  const wanted = types.map((type) => ({ type, state: "ACTIVE" }) as const);
  const values = await secrets.getTogether(identification, wanted, purpose);
  const empty = types.find((_, i) => values[i]!.length === 0);
  if (empty !== undefined) throw new MetergateError("KEY_NOT_PRESENT", `${identification} has no ${empty}`);
  return values;
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
