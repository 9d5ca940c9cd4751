import { createPublicKey, hash, type KeyObject, verify } from "node:crypto";
import { concatBytes, equalBytes } from "../lib/bytes.ts";

/** Signature types of C2SP signed-note and tlog-cosignature. */
export const ED25519 = 0x01;
export const COSIGNATURE = 0x04;

/** A note is not one, or its signature is wrong; `place` says where. */
export class NoteError extends Error {
  readonly code = "NOTE_INVALID";
  constructor(message: string) {
    super(message);
    this.name = "NoteError";
  }
}

export interface NoteSignature {
  readonly name: string;
  /** 4 octets. */
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}

export interface Note {
  /** With the newline at its end: what is signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** Octets of the longest note that is read. */
const LONGEST_NOTE = 65_536;
const KEY_ID_LENGTH = 4;
const KEY_LENGTH = 32;

/** Base64 without loose ends: what is written anew is the same text. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = Buffer.from(text, "base64");
  return bytes.toString("base64") === text ? bytes : undefined;
}

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
}

/** Reads a signed note: text, an empty line, a line per signature. @throws NoteError */
export function parseNote(note: string): Note {
  if (note.length > LONGEST_NOTE) throw new NoteError("the note is too long");
  const end = note.lastIndexOf("\n\n");
  if (end < 0 || !note.endsWith("\n")) throw new NoteError("the note has no empty line before its signatures");
  const text = note.slice(0, end + 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what a note must not have
  if (/[\u0000-\u0009\u000b-\u001f]/.test(note)) throw new NoteError("the note has control characters");
  const lines = note.slice(end + 2, -1).split("\n");
  return { text, signatures: lines.map(parseSignature) };
}

function parseSignature(line: string): NoteSignature {
  const [, name = "", encoded = ""] = /^\u2014 ([^\s+]+) (\S+)$/u.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (name === "" || !bytes || bytes.length <= KEY_ID_LENGTH)
    throw new NoteError("the note has a line that is no signature");
  return { name, keyId: bytes.subarray(0, KEY_ID_LENGTH), signature: bytes.subarray(KEY_ID_LENGTH) };
}

export function formatSignature({ name, keyId, signature }: NoteSignature): string {
  return `\u2014 ${name} ${toBase64(concatBytes(keyId, signature))}\n`;
}

export function formatNote({ text, signatures }: Note): string {
  return `${text}\n${signatures.map(formatSignature).join("")}`;
}

/** A key that signatures are checked with. */
export interface VerifierKey {
  readonly name: string;
  readonly keyId: Uint8Array;
  /** ED25519 or COSIGNATURE. */
  readonly type: number;
  /** 32 octets. */
  readonly publicKey: Uint8Array;
}

/** First 4 octets of SHA-256 over name, newline, type and key. */
export function keyIdOf(name: string, type: number, publicKey: Uint8Array): Uint8Array {
  const hashed: Uint8Array = hash(
    "sha256",
    concatBytes(Buffer.from(`${name}\n`), Uint8Array.of(type), publicKey),
    "buffer",
  );
  return hashed.subarray(0, KEY_ID_LENGTH);
}

export function verifierKey(name: string, type: number, publicKey: Uint8Array): VerifierKey {
  return { name, type, publicKey, keyId: keyIdOf(name, type, publicKey) };
}

/** The text of a key: `NAME+HEX8(key id)+BASE64(type ‖ public key)`. */
export function formatVerifierKey({ name, keyId, type, publicKey }: VerifierKey): string {
  const id = Buffer.from(keyId).toString("hex");
  return `${name}+${id}+${toBase64(concatBytes(Uint8Array.of(type), publicKey))}`;
}

/** @throws NoteError */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = "", id = "", encoded = ""] = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/u.exec(text) ?? [];
  const bytes = fromBase64(encoded);
  const type = bytes?.[0];
  if (name === "" || bytes?.length !== 1 + KEY_LENGTH || (type !== ED25519 && type !== COSIGNATURE)) {
    throw new NoteError("this is no verifier key: NAME+8 hexadecimal digits+base64 of type and key");
  }
  const key = verifierKey(name, type, bytes.subarray(1));
  if (Buffer.from(key.keyId).toString("hex") !== id) throw new NoteError("the verifier key's id does not fit the key");
  return key;
}

/** The DER in front of an Ed25519 public key in a SubjectPublicKeyInfo (RFC 8410). */
const SPKI_HEAD = Buffer.from("302a300506032b6570032100", "hex");

function toKeyObject(publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_HEAD, publicKey]), format: "der", type: "spki" });
}

/** What a witness signs: when it saw the checkpoint, in whole seconds since 1970, and the checkpoint's text. */
export function cosignedText(timeS: number, text: string): Uint8Array {
  return Buffer.from(`cosignature/v1\ntime ${timeS}\n${text}`);
}

/** The time in a cosignature, in seconds since 1970. */
export function timeOfCosignature(signature: Uint8Array): number {
  return Number(Buffer.from(signature).readBigUInt64BE());
}

const TIME_LENGTH = 8;

function isSignedBy(text: string, { signature }: NoteSignature, { type, publicKey }: VerifierKey): boolean {
  const key = toKeyObject(publicKey);
  if (type === ED25519) return verify(null, Buffer.from(text), key, signature);
  if (signature.length <= TIME_LENGTH) return false;
  const timeS = timeOfCosignature(signature);
  return verify(null, cosignedText(timeS, text), key, signature.subarray(TIME_LENGTH));
}

/**
 * The signature that a key made on a note.
 * @returns undefined when there is none of this key
 * @throws NoteError when there is one and it is wrong
 */
export function signatureOf(note: Note, key: VerifierKey): NoteSignature | undefined {
  const found = note.signatures.filter(({ name, keyId }) => name === key.name && equalBytes(keyId, key.keyId));
  for (const signature of found) {
    if (!isSignedBy(note.text, signature, key)) throw new NoteError(`the signature of ${key.name} is wrong`);
  }
  return found[0];
}
