import { createPrivateKey, createPublicKey, type KeyObject, sign } from "node:crypto";
import { concatBytes } from "../lib/bytes.ts";
import { COSIGNATURE, cosignedText, ED25519, type NoteSignature, type VerifierKey, verifierKey } from "./note.ts";

/** Whoever signs checkpoints: a key in a file, or one that a device or a service keeps. */
export interface Signer {
  readonly key: VerifierKey;
  /** Signs a text that ends with a newline. */
  sign(text: string): Promise<NoteSignature>;
}

/** The 32 octets of an Ed25519 public key. */
export function publicKeyOf(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  return new Uint8Array(spki.subarray(spki.length - 32));
}

/** The DER in front of the 32 octets of an Ed25519 private key in PKCS #8 (RFC 8410). */
const PKCS8_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");

/** @param seed 32 octets, the private key of RFC 8032 */
export function keyFromSeed(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: "der", type: "pkcs8" });
}

/** Signs as a log does. @param name of the log, which is also its checkpoints' origin */
export function logSigner(name: string, seed: Uint8Array): Signer {
  const privateKey = keyFromSeed(seed);
  const key = verifierKey(name, ED25519, publicKeyOf(privateKey));
  return {
    key,
    sign: async (text) => ({ name, keyId: key.keyId, signature: sign(null, Buffer.from(text), privateKey) }),
  };
}

/** Signs as a witness does, with the time. @param nowMs epoch milliseconds */
export function witnessSigner(name: string, seed: Uint8Array, nowMs: () => number): Signer {
  const privateKey = keyFromSeed(seed);
  const key = verifierKey(name, COSIGNATURE, publicKeyOf(privateKey));
  return {
    key,
    async sign(text) {
      const timeS = Math.floor(nowMs() / 1000);
      const time = Buffer.alloc(8);
      time.writeBigUInt64BE(BigInt(timeS));
      return {
        name,
        keyId: key.keyId,
        signature: concatBytes(time, sign(null, cosignedText(timeS, text), privateKey)),
      };
    },
  };
}
