import { hash } from "node:crypto";
import { MISSING_ENTRY } from "../domain/log-leaf.ts";
import { HASH_LENGTH, hashEntry } from "../domain/log-tree.ts";
import { type BundleRecord, isComplete, type Manifest } from "./bundle-format.ts";
import { ERASED, type Erasure, parseErasure } from "./erasure.ts";
import { KEY_ADDED } from "./key-list.ts";
import { parseVerifierKey, type VerifierKey } from "./note.ts";
import type { Findings } from "./verdict.ts";

const PREFIX_LENGTH = 1;
/** 0x00 and an entry, which is written into it. */
const ENTRY_INPUT = Buffer.alloc(PREFIX_LENGTH + HASH_LENGTH);
const GONE = Buffer.from(hashEntry(MISSING_ENTRY)).toString("binary");

/** Members of a leaf, of version 1 or 2, that are looked at. Nobody vouches for their types until the tree does. */
interface LeafMembers {
  readonly version: unknown;
  readonly index?: unknown;
  readonly class?: unknown;
  readonly organisation?: unknown;
  readonly device?: unknown;
  readonly correlationUid?: unknown;
  readonly operation?: unknown;
  readonly timeMs?: unknown;
  readonly redactions?: unknown;
  readonly bodyHash?: unknown;
  readonly storedHash?: unknown;
  readonly bodySha256?: unknown;
  readonly storedSha256?: unknown;
}

/** An entry whose payload is gone. */
interface Gone {
  readonly index: number;
  readonly class: unknown;
  readonly timeMs: unknown;
}

/** Verifies entries one after the other against the tree and the manifest. */
export class EntryVerifier {
  readonly #manifest: Manifest;
  readonly #size: number;
  readonly #leafHash: (index: number) => string | undefined;
  readonly #findings: Findings;
  readonly #isComplete: boolean;
  readonly #gone: Gone[] = [];
  readonly #erasures: (Erasure & { readonly index: number })[] = [];
  /** Keys that the log announced, each with the index of the entry that does. */
  readonly keys: { readonly index: number; readonly key: VerifierKey }[] = [];
  count = 0;
  #last = -1;
  #expected: number;

  /** @param leafHash what the tree has for an entry, as a text of one octet a character */
  constructor(manifest: Manifest, size: number, leafHash: (index: number) => string | undefined, findings: Findings) {
    this.#manifest = manifest;
    this.#size = size;
    this.#leafHash = leafHash;
    this.#findings = findings;
    this.#isComplete = isComplete(manifest);
    this.#expected = manifest.from;
  }

  /** Takes the next entry. It is written over. */
  take(record: BundleRecord): void {
    const { index, buffer, leafAt, leafLength, payloadAt, payloadLength, salt } = record;
    this.count += 1;
    if (index <= this.#last || index >= this.#size) {
      this.#findings.at(
        "MISPLACED",
        index,
        index,
        "the entry stands behind one of a greater index, or outside of the tree",
      );
      return;
    }
    this.#last = index;
    this.#missUntil(index);
    // Hashed in place, and compared as texts of one octet a character: nothing is copied for it.
    buffer[leafAt - PREFIX_LENGTH] = 0;
    const entry = hash("sha256", buffer.subarray(leafAt - PREFIX_LENGTH, leafAt + leafLength), "binary");
    ENTRY_INPUT.write(entry, PREFIX_LENGTH, "binary");
    if (hash("sha256", ENTRY_INPUT, "binary") !== this.#leafHash(index)) {
      this.#findings.at("LEAF_CHANGED", index, index, "the tree has another entry at this place");
      return;
    }
    const members = this.#membersOf(buffer.toString("utf8", leafAt, leafAt + leafLength));
    if (!members) {
      this.#findings.at("UNKNOWN_VERSION", index, index, "the leaf has a version that this verifier does not know");
      return;
    }
    this.#verifyMembers(index, members);
    if (payloadLength === undefined) {
      const { timeMs } = parseLeaf(buffer.toString("utf8", leafAt, leafAt + leafLength)) ?? members;
      this.#gone.push({ index, class: members.class, timeMs });
      return;
    }
    const { stored } = hashesOf(members);
    const text = members.class === "log" ? buffer.toString("utf8", payloadAt, payloadAt + payloadLength) : undefined;
    const hashedFrom = payloadAt - salt.length / 2;
    buffer.write(salt, hashedFrom, "hex");
    const actual = hash("sha256", buffer.subarray(hashedFrom, payloadAt + payloadLength), "hex");
    if (actual !== stored)
      this.#findings.at("BODY_CHANGED", index, index, "the payload is not the one that was logged");
    else if (text !== undefined) this.#learn(index, members, text);
  }

  /** Nothing more comes. */
  finish(): void {
    this.#missUntil(this.#manifest.to);
    for (const { index, class: name, timeMs } of this.#gone) {
      const isErased = this.#erasures.some(
        (each) =>
          each.index > index &&
          each.class === name &&
          each.from <= index &&
          index < each.to &&
          Number(timeMs) < each.beforeMs,
      );
      if (!isErased) this.#findings.at("PAYLOAD_MISSING", index, index, "no entry says that the payload was erased");
    }
  }

  /** In a complete bundle every index of its range has an entry. */
  #missUntil(index: number): void {
    const end = Math.min(index, this.#manifest.to);
    for (; this.#isComplete && this.#expected < end; this.#expected++) {
      const wasGone = this.#leafHash(this.#expected) === GONE;
      if (wasGone)
        this.#findings.at("NEVER_THERE", this.#expected, this.#expected, "it was gone before it came into the tree");
      else this.#findings.at("MISSING", this.#expected, this.#expected, "the entry is not there");
    }
    this.#expected = Math.max(this.#expected, index + 1);
  }

  /** All members, or only those that are looked at: when there is no filter, and nothing to learn. */
  #membersOf(leaf: string): LeafMembers | undefined {
    return (this.#isComplete ? scanLeaf(leaf) : undefined) ?? parseLeaf(leaf);
  }

  #verifyMembers(index: number, members: LeafMembers): void {
    const { version, redactions } = members;
    const { body, stored } = hashesOf(members);
    if ((body !== stored) !== Number(redactions) > 0) {
      this.#findings.at("REDACTIONS_INCONSISTENT", index, index, "hashes and count of secrets contradict each other");
    }
    if (version === 1 && members.index !== index)
      this.#findings.at("MISPLACED", index, index, "the leaf names another place");
    if (members.class === "log") return;
    const {
      from,
      to,
      organisation = members.organisation,
      device = members.device,
      uid = members.correlationUid,
    } = this.#manifest;
    const fits = members.organisation === organisation && members.device === device && members.correlationUid === uid;
    if (!fits || index < from || index >= to) {
      this.#findings.at("MISPLACED", index, index, "the entry is not one of those that the manifest names");
    }
  }

  /** What the log says about itself. */
  #learn(index: number, { operation }: LeafMembers, payload: string): void {
    try {
      if (operation === KEY_ADDED)
        this.keys.push({ index, key: parseVerifierKey((JSON.parse(payload) as { key: string }).key) });
      else if (operation === ERASED) this.#erasures.push({ index, ...parseErasure(payload) });
    } catch {
      this.#findings.at("MISPLACED", index, index, "what the log says about itself cannot be read");
    }
  }
}

function parseLeaf(leaf: string): LeafMembers | undefined {
  try {
    const members = JSON.parse(leaf) as LeafMembers | null;
    return members?.version === 1 || members?.version === 2 ? members : undefined;
  } catch {
    return undefined;
  }
}

/** A text member of a leaf that has no character to be escaped in it, by where it must stand. */
function memberAt(leaf: string, name: string): string {
  const start = leaf.indexOf(name) + name.length;
  return leaf.slice(start, leaf.indexOf('"', start));
}

/**
 * The members of a leaf of version 2 that are looked at in each entry, without reading the others. In canonical JSON a
 * quotation mark within a text has a backslash before it, so these names, with their marks, stand where they are meant.
 */
function scanLeaf(leaf: string): LeafMembers | undefined {
  if (!leaf.endsWith(',"version":2}')) return undefined;
  const bodyHash = memberAt(leaf, '"bodyHash":"');
  const storedHash = memberAt(leaf, '"storedHash":"');
  const redactions = bodyHash === storedHash ? 0 : 1;
  if (redactions === 1 || !leaf.includes('"redactions":0,')) return undefined;
  const name = memberAt(leaf, '"class":"');
  return name === "log" ? undefined : { version: 2, class: name, bodyHash, storedHash, redactions };
}

function hashesOf(members: LeafMembers): { body: unknown; stored: unknown } {
  return members.version === 1
    ? { body: members.bodySha256, stored: members.storedSha256 }
    : { body: members.bodyHash, stored: members.storedHash };
}
