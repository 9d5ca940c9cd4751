import { hash } from "node:crypto";
import { MISSING_ENTRY, SALT_LENGTH } from "../domain/log-leaf.ts";
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

/** What a hexadecimal digit is worth, by its octet. */
const NIBBLES = Uint8Array.from({ length: 128 }, (_, octet) => Number.parseInt(String.fromCharCode(octet), 16) || 0);

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

/** What entries say, as far as it matters for others; of entries that follow each other. */
export interface EntryFacts {
  readonly count: number;
  readonly gone: readonly Gone[];
  readonly erasures: readonly PlacedErasure[];
  readonly keys: readonly PlacedKey[];
  /** Index of the last entry, and of the first one that none of them is about. */
  readonly last: number;
  readonly expected: number;
}

type PlacedErasure = Erasure & { readonly index: number };

/** A key that the log announced, and the index of the entry that does. */
interface PlacedKey {
  readonly index: number;
  readonly key: VerifierKey;
}

/** Verifies entries one after the other against the tree and the manifest. */
export class EntryVerifier {
  readonly #manifest: Manifest;
  readonly #size: number;
  readonly #leafHash: (index: number) => string | undefined;
  readonly #findings: Findings;
  readonly #isComplete: boolean;
  readonly #gone: Gone[] = [];
  readonly #erasures: PlacedErasure[] = [];
  readonly keys: PlacedKey[] = [];
  count = 0;
  #last = -1;
  #expected: number;

  /**
   * @param leafHash what the tree has for an entry, as a text of one octet a character
   * @param first index of the first entry, when others look at those before it
   */
  constructor(
    manifest: Manifest,
    size: number,
    leafHash: (index: number) => string | undefined,
    findings: Findings,
    first = manifest.from,
  ) {
    this.#manifest = manifest;
    this.#size = size;
    this.#leafHash = leafHash;
    this.#findings = findings;
    this.#isComplete = isComplete(manifest);
    this.#expected = Math.max(first, manifest.from);
  }

  /** What its entries say. @param next index of the first entry behind them, which others look at */
  facts(next: number | undefined): EntryFacts {
    if (next !== undefined) this.#missUntil(next);
    if (next !== undefined && next <= this.#last)
      this.#findings.at("MISPLACED", next, next, "the entry stands behind one of a greater index");
    const { count, keys } = this;
    return { count, keys, gone: this.#gone, erasures: this.#erasures, last: this.#last, expected: this.#expected };
  }

  /** Takes over what others found of the next entries, which are all as they must be. */
  adopt({ count, gone, erasures, keys, last, expected }: EntryFacts): void {
    this.count += count;
    for (const each of gone) this.#gone.push(each);
    this.#erasures.push(...erasures);
    this.keys.push(...keys);
    this.#last = last;
    this.#expected = expected;
  }

  /** Takes the next entry. It is written over. */
  take(record: BundleRecord): void {
    const { index, buffer, leafAt, leafLength, payloadAt, payloadLength, saltAt } = record;
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
    const scanned = this.#isComplete ? scanLeaf(buffer.toString("latin1", leafAt, leafAt + leafLength)) : undefined;
    // Of what the log says about itself, and where there is a filter, more is looked at.
    const members = scanned && scanned.class !== "log" ? scanned : this.#parse(index, record);
    if (!members) return;
    this.#verifyMembers(index, members);
    if (payloadLength === undefined) {
      this.#gone.push({ index, class: members.class, timeMs: members.timeMs });
      return;
    }
    const text = members.class === "log" ? buffer.toString("utf8", payloadAt, payloadAt + payloadLength) : undefined;
    const hashedFrom = saltAt < 0 ? payloadAt : payloadAt - SALT_LENGTH;
    // The leaf is no more needed, whose end it may be written over.
    if (saltAt >= 0) writeSalt(buffer, saltAt, hashedFrom);
    const actual = hash("sha256", buffer.subarray(hashedFrom, payloadAt + payloadLength), "hex");
    if (actual !== hashesOf(members).stored)
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

  /** A leaf with characters that are escaped or take several octets, of version 1, or none at all. */
  #parse(index: number, { buffer, leafAt, leafLength }: BundleRecord): LeafMembers | undefined {
    const octets = buffer.subarray(leafAt, leafAt + leafLength);
    const members = parseLeaf(octets);
    if (!members) this.#findings.at("LEAF_INVALID", index, index, "the leaf is not written as it must be");
    else if (members.version === 1 || members.version === 2) return members;
    else this.#findings.at("UNKNOWN_VERSION", index, index, "the leaf has a version that this verifier does not know");
    return undefined;
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

/** What a leaf must have, in this order. */
const MEMBERS: Readonly<Record<number, string>> = {
  1: "application bodySha256 correlationUid device direction index operation organisation redactions service storedSha256 timeMs user version",
  2: "application bodyHash class correlationUid device direction operation organisation redactions service storedHash timeMs user version",
};

/** @returns undefined when it is not the canonical JSON of an object of texts and integers, with the members that it must have */
function parseLeaf(octets: Buffer): LeafMembers | undefined {
  try {
    const members = JSON.parse(octets.toString("utf8")) as LeafMembers & Record<string, unknown>;
    if (typeof members !== "object" || Array.isArray(members)) return undefined;
    // Written anew it is the same: no member stands there twice, and nothing that others read otherwise.
    if (!Buffer.from(JSON.stringify(members)).equals(octets)) return undefined;
    const isPlain = Object.values(members).every(isPlainValue);
    const names = MEMBERS[Number(members.version)];
    return isPlain && (names === undefined || names === Object.keys(members).join(" ")) ? members : undefined;
  } catch {
    return undefined;
  }
}

function isPlainValue(value: unknown): boolean {
  return typeof value === "string" ? value.isWellFormed() : Number.isSafeInteger(value) && Number(value) >= 0;
}

const TEXT = String.raw`"[ !#-\[\]-~]*"`;
const HASH = '"([0-9a-f]{64})"';
const COUNT = String.raw`(0|[1-9]\d{0,14})`;
/** The canonical JSON of a leaf of version 2, when all of its texts are ASCII without escapes: nearly each. */
const PLAIN_LEAF = new RegExp(
  `^{"application":${TEXT},"bodyHash":${HASH},"class":"([a-z]*)","correlationUid":${TEXT},"device":${TEXT},"direction":${TEXT},` +
    `"operation":${TEXT},"organisation":${TEXT},"redactions":${COUNT},"service":${TEXT},"storedHash":${HASH},` +
    `"timeMs":${COUNT},"user":${TEXT},"version":2}$`,
);

/** What is looked at in each leaf, if it is a plain one. @param leaf one octet a character */
function scanLeaf(leaf: string): LeafMembers | undefined {
  const found = PLAIN_LEAF.exec(leaf);
  if (!found) return undefined;
  const [, bodyHash, name, redactions, storedHash, timeMs] = found;
  return { version: 2, class: name, bodyHash, storedHash, redactions: Number(redactions), timeMs: Number(timeMs) };
}

function hashesOf(members: LeafMembers): { body: unknown; stored: unknown } {
  return members.version === 1
    ? { body: members.bodySha256, stored: members.storedSha256 }
    : { body: members.bodyHash, stored: members.storedHash };
}

/** Writes what hexadecimal digits say to another place. */
function writeSalt(buffer: Buffer, digitsAt: number, to: number): void {
  for (let i = 0; i < SALT_LENGTH; i++) {
    buffer[to + i] = (NIBBLES[buffer[digitsAt + 2 * i]!]! << 4) | NIBBLES[buffer[digitsAt + 2 * i + 1]!]!;
  }
}
