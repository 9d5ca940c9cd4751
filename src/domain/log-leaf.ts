import { hash } from "node:crypto";
import { concatBytes } from "../lib/bytes.ts";

/** Format of the leaves written now. Leaves of version 1 are still read; others are not understood by this code. */
export const LEAF_VERSION = 2;

/** Octets of a salt: as many as nobody can guess. */
export const SALT_LENGTH = 16;

/** Between a caller and us (`in`, `out`), or between us and a device. */
export type Direction = "in" | "out" | "to-device" | "from-device";

/**
 * What kind of entry it is; how long a payload is kept is settled by kind.
 * `message`: between a caller and the service. `poll`: gathered polls of requests that are not finished. `stranger`: a
 * message of somebody unknown, and its refusal. `device`: one APDU of a device that is debugged. `deed`: what was done
 * without a message. `event`: what a device told unasked. `log`: about the log itself, its keys and what was erased.
 */
export const LOG_CLASSES = ["message", "poll", "stranger", "device", "deed", "event", "log"] as const;
export type LogClass = (typeof LOG_CLASSES)[number];

/**
 * What the log says about one message; docs/message-log.md is the reference for auditors. Texts that do not apply are
 * empty, never absent.
 */
export interface Leaf {
  readonly version: number;
  /** Place in the log, from 0, without gaps. A leaf of version 1 says it itself; later ones are told it by the tree. */
  readonly index: number;
  readonly class: LogClass;
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
  /**
   * Lower-case hexadecimal SHA-256 of a salt and the bytes as they were on the wire. The salt is that of the stored
   * bytes unless secrets were replaced: then it is one of its own. Version 1: without salt.
   */
  readonly bodyHash: string;
  /** SHA-256 of the entry's salt and the bytes that are stored: another one when, and only when, secrets were replaced. */
  readonly storedHash: string;
  /** How many secrets were replaced by a marker. */
  readonly redactions: number;
}

/** SHA-256 of a salt and what it hides; 32 octets. Without the salt nobody can try out what was hashed. */
export function commit(salt: Uint8Array, content: Uint8Array): Uint8Array {
  return hash("sha256", concatBytes(salt, content), "buffer");
}

/**
 * The bytes of a leaf: canonical JSON (RFC 8785) in UTF-8. All values are texts or integers below 2^53, so the order of
 * the members, as they stand here, is all there is to canonicalise; half surrogates, which UTF-8 cannot carry, become
 * U+FFFD.
 */
export function encodeLeaf(leaf: Leaf): Uint8Array {
  return Buffer.from(
    JSON.stringify(leaf.version === 1 ? membersOfVersion1(leaf) : members(leaf, leaf.storedHash)),
    "utf8",
  );
}

/** A leaf as text that has no place yet, and no hash of its payload; see `draftLeaf`. */
export type LeafDraft = string & { readonly leafDraft?: never };

/**
 * A leaf of which the place and the hash of the payload are not known yet: its canonical JSON with an empty `storedHash`.
 * Its `bodyHash` is empty as well, unless secrets were replaced.
 */
export function draftLeaf(leaf: Omit<Leaf, "index" | "storedHash">): LeafDraft {
  return JSON.stringify(members(leaf, ""));
}

/** Members of a draft that are still empty. Within texts, quotation marks have a backslash before them in JSON. */
const NO_BODY_HASH = '"bodyHash":""';
const NO_STORED_HASH = '"storedHash":""';

/** The canonical JSON of a leaf of version 2. */
export function finishLeaf(draft: LeafDraft, storedHash: string): string {
  // From the end, and from the start: neither is far. The last octet of each is the quotation mark behind the hash.
  const storedAt = draft.lastIndexOf(NO_STORED_HASH) + NO_STORED_HASH.length - 1;
  const end = `${storedHash}${draft.slice(storedAt)}`;
  const bodyAt = draft.indexOf(NO_BODY_HASH) + NO_BODY_HASH.length - 1;
  if (bodyAt < NO_BODY_HASH.length) return `${draft.slice(0, storedAt)}${end}`;
  return `${draft.slice(0, bodyAt)}${storedHash}${draft.slice(bodyAt, storedAt)}${end}`;
}

/** The leaf that a draft has become. */
export function readDraft(draft: LeafDraft, index: number, storedHash: string): Leaf {
  const leaf = JSON.parse(draft) as Leaf;
  return { ...leaf, index, bodyHash: leaf.bodyHash || storedHash, storedHash };
}

function members(leaf: Omit<Leaf, "index" | "storedHash">, storedHash: string) {
  return {
    application: leaf.application.toWellFormed(),
    bodyHash: leaf.bodyHash,
    class: leaf.class,
    correlationUid: leaf.correlationUid.toWellFormed(),
    device: leaf.device.toWellFormed(),
    direction: leaf.direction,
    operation: leaf.operation.toWellFormed(),
    organisation: leaf.organisation.toWellFormed(),
    redactions: leaf.redactions,
    service: leaf.service.toWellFormed(),
    storedHash,
    timeMs: leaf.timeMs,
    user: leaf.user.toWellFormed(),
    version: leaf.version,
  };
}

/** As release 0.1.0 wrote them: with the place, without class, and with hashes without salt. */
function membersOfVersion1(leaf: Leaf) {
  return {
    application: leaf.application.toWellFormed(),
    bodySha256: leaf.bodyHash,
    correlationUid: leaf.correlationUid.toWellFormed(),
    device: leaf.device.toWellFormed(),
    direction: leaf.direction,
    index: leaf.index,
    operation: leaf.operation.toWellFormed(),
    organisation: leaf.organisation.toWellFormed(),
    redactions: leaf.redactions,
    service: leaf.service.toWellFormed(),
    storedSha256: leaf.storedHash,
    timeMs: leaf.timeMs,
    user: leaf.user.toWellFormed(),
    version: 1,
  };
}

const LEAF_PREFIX = Uint8Array.of(0);

/** The hash of a leaf in a Merkle tree of RFC 6962, section 2.1: SHA-256 of 0x00 and the leaf; 32 octets. */
export function hashLeaf(encoded: Uint8Array): Uint8Array {
  return hash("sha256", concatBytes(LEAF_PREFIX, encoded), "buffer");
}

/**
 * What stands in the tree for a leaf: its hash, 32 octets. The tree can so be shown to anybody: a leaf has the hash of
 * something salted in it, so nobody can find out by trying what it says.
 */
export function entryOf(leaf: Leaf): Uint8Array {
  return hashLeaf(encodeLeaf(leaf));
}

/** What stands in the tree where a leaf was gone before it was hashed. */
export const MISSING_ENTRY = new Uint8Array(32);
