import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import { concatBytes } from "../lib/bytes.ts";
import { DlmsError } from "./errors.ts";
import { MAX_INVOCATION_COUNTER } from "./invocation-counter.ts";

/**
 * Security suite 0 (Green Book, cryptographic protection of xDLMS APDUs): AES-128-GCM with a tag of 12 octets.
 * Protected octets: security control (1), invocation counter (4, big-endian), text, tag.
 */
const ALGORITHM = "aes-128-gcm";
const KEY_LENGTH = 16;
const TAG_LENGTH = 12;
const HEADER_LENGTH = 5;
/** Octets. */
export const SYSTEM_TITLE_LENGTH = 8;
/** Octets of an HLS challenge, both included (Green Book, high-level security). */
export const CHALLENGE_LENGTHS = { min: 8, max: 64 } as const;

/** What the header and the tag add to a plain APDU that is authenticated and encrypted. */
export const PROTECTION_OVERHEAD = HEADER_LENGTH + TAG_LENGTH;

/** Security control octet: how the text is protected. Suite 0 in the low bits, unicast key, not compressed. */
export const SECURITY_CONTROL = { authenticated: 0x10, encrypted: 0x20, authenticatedAndEncrypted: 0x30 } as const;
/** One of {@link SECURITY_CONTROL}. */
export type SecurityControl = (typeof SECURITY_CONTROL)[keyof typeof SECURITY_CONTROL];

/** Security control, invocation counter and GMAC: the value that passes 3 and 4 of HLS5 carry. */
const HLS_TOKEN_LENGTH = HEADER_LENGTH + TAG_LENGTH;

/** What {@link CipherKeys.unprotect} finds. */
export interface Unprotected {
  readonly control: SecurityControl;
  /** 0 … 2^32 − 1; whether it is new is for the caller to check. */
  readonly counter: number;
  readonly plaintext: Uint8Array;
}

/**
 * An encryption key (global unicast, or dedicated) with its authentication key. Keeps both out of sight of
 * inspection and serialisation; may serve any number of associations.
 */
export class CipherKeys {
  readonly #encryption: KeyObject;
  readonly #authentication: Uint8Array;
  /** Associated data of APDUs without clear text, by security control: the control octet and the authentication key. */
  readonly #authenticatedAndEncrypted: Uint8Array;

  /**
   * @param encryption 16 octets
   * @param authentication 16 octets
   * @throws DlmsError `security/key` when a key has another length.
   */
  constructor(encryption: Uint8Array, authentication: Uint8Array) {
    checkLength(encryption, KEY_LENGTH, "encryption key");
    checkLength(authentication, KEY_LENGTH, "authentication key");
    this.#encryption = createSecretKey(encryption);
    this.#authentication = Uint8Array.from(authentication);
    this.#authenticatedAndEncrypted = this.#associatedData(SECURITY_CONTROL.authenticatedAndEncrypted);
  }

  /** The same authentication key with another encryption key of 16 octets, such as a dedicated key. */
  withEncryptionKey(encryption: Uint8Array): CipherKeys {
    return new CipherKeys(encryption, this.#authentication);
  }

  /**
   * Protects an APDU.
   * @param systemTitle of the sender, 8 octets
   * @param counter 0 … 2^32 − 1, never used before with this key and system title
   * @returns security header, text and tag
   */
  protect(
    plaintext: Uint8Array,
    systemTitle: Uint8Array,
    counter: number,
    control: SecurityControl = SECURITY_CONTROL.authenticatedAndEncrypted,
  ): Uint8Array {
    const encrypts = (control & SECURITY_CONTROL.encrypted) !== 0;
    const authenticates = (control & SECURITY_CONTROL.authenticated) !== 0;
    const cipher = createCipheriv(ALGORITHM, this.#encryption, nonce(systemTitle, counter), {
      authTagLength: TAG_LENGTH,
    });
    if (authenticates) cipher.setAAD(this.#associatedDataFor(control, plaintext));
    const text = encrypts ? cipher.update(plaintext) : plaintext;
    cipher.final();
    const protectedOctets = new Uint8Array(HEADER_LENGTH + text.length + (authenticates ? TAG_LENGTH : 0));
    writeHeader(protectedOctets, control, counter);
    protectedOctets.set(text, HEADER_LENGTH);
    if (authenticates) protectedOctets.set(cipher.getAuthTag(), HEADER_LENGTH + text.length);
    return protectedOctets;
  }

  /**
   * Verifies and deciphers what {@link protect} made; nothing is returned of what does not verify.
   * @param systemTitle of the sender, 8 octets
   * @param required the protection that there must be at least; 0 for any
   * @throws DlmsError `security/tag`; `security/unciphered` when there is less protection than required;
   * `remote/malformed` for another suite, the broadcast key or compression; `remote/truncated`.
   */
  unprotect(
    payload: Uint8Array,
    systemTitle: Uint8Array,
    required: SecurityControl | 0 = SECURITY_CONTROL.authenticatedAndEncrypted,
  ): Unprotected {
    const { control, counter } = readHeader(payload);
    requireProtection(control, required);
    const authenticates = (control & SECURITY_CONTROL.authenticated) !== 0;
    const end = payload.length - (authenticates ? TAG_LENGTH : 0);
    if (end < HEADER_LENGTH) {
      throw new DlmsError("remote/truncated", `${payload.length} octets do not hold an authentication tag`);
    }
    const text = payload.subarray(HEADER_LENGTH, end);
    const decipher = createDecipheriv(ALGORITHM, this.#encryption, nonce(systemTitle, counter), {
      authTagLength: TAG_LENGTH,
    });
    if (authenticates) decipher.setAAD(this.#associatedDataFor(control, text)).setAuthTag(payload.subarray(end));
    const encrypted = (control & SECURITY_CONTROL.encrypted) !== 0;
    const deciphered = encrypted ? decipher.update(text) : undefined;
    if (authenticates) verify(() => decipher.final());
    return { control, counter, plaintext: deciphered ? asPlainArray(deciphered) : text };
  }

  /**
   * The answer to a challenge of HLS5 (mechanism high-gmac): control octet, counter, and the GMAC over the challenge.
   * @param systemTitle of the side that answers, 8 octets
   * @param counter 0 … 2^32 − 1, a value of its own: a nonce shared with a ciphered APDU would give the GCM
   * authentication subkey away
   * @param challenge that the other side sent, 8 to 64 octets
   */
  hlsToken(systemTitle: Uint8Array, counter: number, challenge: Uint8Array): Uint8Array {
    checkChallenge(challenge);
    const token = new Uint8Array(HLS_TOKEN_LENGTH);
    writeHeader(token, SECURITY_CONTROL.authenticated, counter);
    const data = concatBytes(this.#associatedData(SECURITY_CONTROL.authenticated), challenge);
    token.set(computeGmac(this.#encryption, nonce(systemTitle, counter), data, TAG_LENGTH), HEADER_LENGTH);
    return token;
  }

  /**
   * Whether the other side answered the challenge that it was sent.
   * @param systemTitle of the side that answered
   */
  verifiesHlsToken(token: Uint8Array, systemTitle: Uint8Array, challenge: Uint8Array): boolean {
    if (token.length !== HLS_TOKEN_LENGTH || token[0] !== SECURITY_CONTROL.authenticated) return false;
    return timingSafeEqual(token, this.hlsToken(systemTitle, readHeader(token).counter, challenge));
  }

  /** What the tag covers besides the encrypted text; clear text is part of it. */
  #associatedDataFor(control: SecurityControl, text: Uint8Array): Uint8Array {
    return control === SECURITY_CONTROL.authenticatedAndEncrypted
      ? this.#authenticatedAndEncrypted
      : concatBytes(this.#associatedData(control), text);
  }

  #associatedData(control: SecurityControl): Uint8Array {
    return concatBytes(Uint8Array.of(control), this.#authentication);
  }
}

/**
 * AES-GMAC: the tag of AES-GCM over data that are not encrypted.
 * @param key 16 octets
 * @param iv 12 octets, never used before with this key
 * @param tagLength 12 to 16 octets
 */
export function gmac(key: Uint8Array, iv: Uint8Array, data: Uint8Array, tagLength = 16): Uint8Array {
  checkLength(key, KEY_LENGTH, "key");
  return computeGmac(createSecretKey(key), iv, data, tagLength);
}

function computeGmac(key: KeyObject, iv: Uint8Array, data: Uint8Array, tagLength: number): Uint8Array {
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: tagLength });
  cipher.setAAD(data).final();
  return asPlainArray(cipher.getAuthTag());
}

const KEY_WRAP = "id-aes128-wrap";
/** RFC 3394, 2.2.3.1. */
const KEY_WRAP_INITIAL_VALUE = new Uint8Array(8).fill(0xa6);

/**
 * AES key wrap of RFC 3394, as COSEM global key transfer uses it.
 * @param wrappingKey 16 octets: the master key
 * @param key 16 octets or more, a multiple of 8
 * @returns 8 octets more than the key
 */
export function wrapKey(wrappingKey: Uint8Array, key: Uint8Array): Uint8Array {
  checkLength(wrappingKey, KEY_LENGTH, "wrapping key");
  checkWrappable(key.length, "key");
  const cipher = createCipheriv(KEY_WRAP, wrappingKey, KEY_WRAP_INITIAL_VALUE);
  return concatBytes(cipher.update(key), cipher.final());
}

/** @throws DlmsError `security/tag` when the wrapped key was not made with this wrapping key, or was changed. */
export function unwrapKey(wrappingKey: Uint8Array, wrapped: Uint8Array): Uint8Array {
  checkLength(wrappingKey, KEY_LENGTH, "wrapping key");
  checkWrappable(wrapped.length - 8, "wrapped key");
  return verify(() => {
    const decipher = createDecipheriv(KEY_WRAP, wrappingKey, KEY_WRAP_INITIAL_VALUE);
    return concatBytes(decipher.update(wrapped), decipher.final());
  });
}

/** @throws DlmsError `security/unciphered` when there is less protection than required. */
export function requireProtection(control: SecurityControl | 0, required: SecurityControl | 0): void {
  if ((control & required) === required) return;
  throw new DlmsError("security/unciphered", `security control ${hex(control)} where ${hex(required)} is required`);
}

/** @throws DlmsError `security/key` when it does not have 8 octets. */
export function checkSystemTitle(systemTitle: Uint8Array): void {
  checkLength(systemTitle, SYSTEM_TITLE_LENGTH, "system title");
}

/** @throws DlmsError `security/key` when it does not have 8 to 64 octets. */
export function checkChallenge(challenge: Uint8Array): void {
  const { min, max } = CHALLENGE_LENGTHS;
  if (challenge.length >= min && challenge.length <= max) return;
  throw new DlmsError("security/key", `a challenge has ${min} to ${max} octets, not ${challenge.length}`);
}

function checkLength(octets: Uint8Array, length: number, what: string): void {
  if (octets.length === length) return;
  throw new DlmsError("security/key", `the ${what} has ${length} octets, not ${octets.length}`);
}

function checkWrappable(length: number, what: string): void {
  if (length >= 16 && length % 8 === 0) return;
  throw new DlmsError("security/key", `the ${what} does not have an octet count that can be wrapped`);
}

/** Runs a step of OpenSSL that fails only when the octets are not authentic. */
function verify<T>(step: () => T): T {
  try {
    return step();
  } catch {
    throw new DlmsError("security/tag", "the authentication tag does not verify");
  }
}

/** System title and invocation counter, big-endian. */
function nonce(systemTitle: Uint8Array, counter: number): Uint8Array {
  checkSystemTitle(systemTitle);
  if (!Number.isInteger(counter) || counter < 0 || counter > MAX_INVOCATION_COUNTER) {
    throw new DlmsError("local/invalid-value", `not an invocation counter: ${counter}`);
  }
  const octets = new Uint8Array(SYSTEM_TITLE_LENGTH + 4);
  octets.set(systemTitle);
  writeCounter(octets, SYSTEM_TITLE_LENGTH, counter);
  return octets;
}

function writeHeader(octets: Uint8Array, control: SecurityControl, counter: number): void {
  octets[0] = control;
  writeCounter(octets, 1, counter);
}

function writeCounter(octets: Uint8Array, at: number, counter: number): void {
  octets[at] = counter >>> 24;
  octets[at + 1] = counter >>> 16;
  octets[at + 2] = counter >>> 8;
  octets[at + 3] = counter;
}

function readHeader(payload: Uint8Array): { control: SecurityControl; counter: number } {
  if (payload.length < HEADER_LENGTH) {
    throw new DlmsError("remote/truncated", `a security header has ${HEADER_LENGTH} octets, not ${payload.length}`);
  }
  const [control = 0, a = 0, b = 0, c = 0, d = 0] = payload;
  if (control !== 0x10 && control !== 0x20 && control !== 0x30) {
    throw new DlmsError("remote/malformed", `security control ${hex(control)} is not of suite 0 with the unicast key`);
  }
  return { control, counter: a * 0x1000000 + ((b << 16) | (c << 8) | d) };
}

function asPlainArray(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function hex(octet: number): string {
  return octet.toString(16).toUpperCase().padStart(2, "0");
}
