import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { MetergateError } from "../domain/errors.ts";
import { fromHex, toHex } from "../lib/bytes.ts";
import { createSecretFile, readSecretFile } from "./secret-file.ts";

const KEY_LENGTH = 16;
const MODULUS_BITS = 2048;
/** OAEP as the public contract's clients use it: SHA-1, and MGF1 with SHA-1. */
const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" };

const PRIVATE_FILE = "platform-key.pem";
/** What utilities have whose keys come from elsewhere. */
const PRIVATE_FILE_DER = "platform-key.der";
const PUBLIC_FILE = "platform-public-key.pem";

/** RSA key in PEM, or DER in the given form. */
function readKey(content: Buffer, type: "pkcs8" | "spki"): KeyObject {
  const isPem = content.includes("-----BEGIN");
  if (type === "pkcs8") return createPrivateKey(isPem ? content : { key: content, format: "der", type });
  return createPublicKey(isPem ? content : { key: content, format: "der", type });
}

function requireRsa(key: KeyObject, what: string): KeyObject {
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== "rsa" || bits < MODULUS_BITS) {
    throw new MetergateError("VALIDATION_ERROR", `${what} is not an RSA key of ${MODULUS_BITS} bits or more`);
  }
  return key;
}

/**
 * Reads an RSA public key: PEM or DER, X.509 SubjectPublicKeyInfo.
 * @returns the same key in PEM
 * @throws MetergateError VALIDATION_ERROR when it is anything else, or has less than 2048 bits.
 */
export function parsePublicKey(content: Buffer, what: string): string {
  let key: KeyObject;
  try {
    key = readKey(content, "spki");
  } catch {
    throw new MetergateError(
      "VALIDATION_ERROR",
      `${what} is not a public key (X.509 SubjectPublicKeyInfo, PEM or DER)`,
    );
  }
  return requireRsa(key, what).export({ format: "pem", type: "spki" }) as string;
}

/**
 * Seals a key for the holder of an RSA key pair.
 * @param publicKey PEM
 * @returns the RSA-OAEP ciphertext, as long as the modulus, as hexadecimal digits
 */
export function sealKey(publicKey: string, key: Uint8Array): string {
  return toHex(publicEncrypt({ key: publicKey, ...OAEP }, key));
}

/** The RSA key pair that callers seal keys for. */
export class PlatformKeys {
  readonly #privateKey: KeyObject;
  /** For callers: X.509 SubjectPublicKeyInfo in PEM. */
  readonly publicKey: string;

  private constructor(privateKey: KeyObject) {
    this.#privateKey = privateKey;
    this.publicKey = createPublicKey(privateKey).export({ format: "pem", type: "spki" }) as string;
  }

  /**
   * Takes `platform-key.der` or `platform-key.pem` (PKCS#8) of the data directory; makes the latter when neither is
   * there. `platform-public-key.pem` beside it is what callers get.
   * @throws MetergateError VALIDATION_ERROR when the file is no RSA key, VAULT_UNREADABLE when others may read it.
   */
  static async open(dataDir: string): Promise<PlatformKeys> {
    const files = [PRIVATE_FILE_DER, PRIVATE_FILE].map((name) => join(dataDir, name));
    const file = files.find((path) => existsSync(path));
    const keys = new PlatformKeys(file ? readPrivateKey(file) : await createKey(join(dataDir, PRIVATE_FILE)));
    const publicFile = join(dataDir, PUBLIC_FILE);
    const isCurrent = existsSync(publicFile) && readFileSync(publicFile, "utf8") === keys.publicKey;
    if (!isCurrent) writeFileSync(publicFile, keys.publicKey);
    return keys;
  }

  /**
   * Opens a key that a caller sealed. Sixteen zero octets in front, which some clients send, are taken off.
   * @param sealed RSA-OAEP ciphertext as hexadecimal digits
   * @returns 16 octets
   * @throws MetergateError DECRYPTION_EXCEPTION when it was not sealed for this key pair, INVALID_KEY_FORMAT when the
   * content is not 16 octets.
   */
  openKey(sealed: string): Uint8Array {
    const plain = this.openSecret(sealed);
    const hasZeros = plain.length >= KEY_LENGTH && plain.subarray(0, KEY_LENGTH).every((octet) => octet === 0);
    const key = hasZeros ? plain.subarray(KEY_LENGTH) : plain;
    if (key.length !== KEY_LENGTH) {
      throw new MetergateError("INVALID_KEY_FORMAT", `A key has ${KEY_LENGTH} octets, not ${key.length}`);
    }
    return Uint8Array.from(key);
  }

  /**
   * Opens whatever secret a caller sealed, such as a password.
   * @param sealed RSA-OAEP ciphertext as hexadecimal digits
   * @throws MetergateError DECRYPTION_EXCEPTION when it was not sealed for this key pair
   */
  openSecret(sealed: string): Uint8Array {
    try {
      return Uint8Array.from(privateDecrypt({ key: this.#privateKey, ...OAEP }, fromHex(sealed)));
    } catch {
      throw new MetergateError("DECRYPTION_EXCEPTION", "A key could not be decrypted with the platform's private key");
    }
  }
}

function readPrivateKey(file: string): KeyObject {
  const content = readSecretFile(file, "the platform's private key");
  try {
    return requireRsa(readKey(content, "pkcs8"), file);
  } catch (error) {
    if (error instanceof MetergateError) throw error;
    throw new MetergateError("VALIDATION_ERROR", `${file} is not a private key (PKCS#8)`);
  }
}

async function createKey(file: string): Promise<KeyObject> {
  const { privateKey } = await promisify(generateKeyPair)("rsa", { modulusLength: MODULUS_BITS });
  createSecretFile(file, privateKey.export({ format: "pem", type: "pkcs8" }) as string);
  return readPrivateKey(file);
}
