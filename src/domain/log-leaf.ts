import { createHash } from "node:crypto";

/** Format of the leaves written now; a leaf of another version is not understood by this code. */
export const LEAF_VERSION = 1;

/** Between a caller and us (`in`, `out`), or between us and a device. */
export type Direction = "in" | "out" | "to-device" | "from-device";

/**
 * What the log says about one message; docs/message-log.md is the reference for auditors. Texts that do not apply are
 * empty, never absent.
 */
export interface Leaf {
  readonly version: number;
  /** Place in the log, from 0, without gaps. */
  readonly index: number;
  /** When the message was received or made: milliseconds since 1970-01-01T00:00:00Z. */
  readonly timeMs: number;
  readonly organisation: string;
  readonly user: string;
  readonly application: string;
  readonly service: string;
  readonly operation: string;
  readonly device: string;
  readonly correlationUid: string;
  readonly direction: Direction;
  /** SHA-256, lower-case hexadecimal, of the bytes as they were on the wire. */
  readonly bodySha256: string;
  /** SHA-256 of the bytes that are stored: another one when, and only when, secrets were replaced. */
  readonly storedSha256: string;
  /** How many secrets were replaced by a marker. */
  readonly redactions: number;
}

/**
 * The bytes of a leaf: canonical JSON (RFC 8785) in UTF-8. All values are texts or integers below 2^53, so the order of
 * the members, as they stand here, is all there is to canonicalise; half surrogates, which UTF-8 cannot carry, become
 * U+FFFD.
 */
export function encodeLeaf(leaf: Leaf): Uint8Array {
  const ordered: Leaf = {
    application: leaf.application.toWellFormed(),
    bodySha256: leaf.bodySha256.toWellFormed(),
    correlationUid: leaf.correlationUid.toWellFormed(),
    device: leaf.device.toWellFormed(),
    direction: leaf.direction,
    index: leaf.index,
    operation: leaf.operation.toWellFormed(),
    organisation: leaf.organisation.toWellFormed(),
    redactions: leaf.redactions,
    service: leaf.service.toWellFormed(),
    storedSha256: leaf.storedSha256.toWellFormed(),
    timeMs: leaf.timeMs,
    user: leaf.user.toWellFormed(),
    version: leaf.version,
  };
  return Buffer.from(JSON.stringify(ordered), "utf8");
}

const LEAF_PREFIX = Uint8Array.of(0);

/** The hash of a leaf in a Merkle tree of RFC 6962, section 2.1: SHA-256 of 0x00 and the leaf; 32 octets. */
export function hashLeaf(encoded: Uint8Array): Uint8Array {
  return new Uint8Array(createHash("sha256").update(LEAF_PREFIX).update(encoded).digest());
}
