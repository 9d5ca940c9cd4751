import { hash } from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { draftLeaf, entryOf, finishLeaf, type Leaf, type LeafDraft, SALT_LENGTH } from "../../../domain/log-leaf.ts";
import { HASH_LENGTH } from "../../../domain/log-tree.ts";
import { concatBytes } from "../../../lib/bytes.ts";
import type { LoggedEntry, NewLogEntry } from "../../message-log.ts";
import { type LogRow, toLeaf } from "../../rows/log-entry.ts";
import type { Connection } from "../connection.ts";

/** Entries that stand next to each other, as a row of message_log_pack has them; see its migration. */
export interface PackRow {
  readonly first_index: number;
  readonly entries: Uint8Array;
  readonly commitments: Uint8Array;
  readonly leaves: string;
  /** Salts and payloads, as they were before they were deflated: see `inflate`. */
  readonly payloads: Uint8Array;
}

/** The row as it is in the table. */
export interface StoredPack extends PackRow {
  /** How many octets the payloads were before they were deflated; null when they were not. */
  readonly inflated_octets: number | null;
}

const COLUMNS: readonly (keyof StoredPack)[] = [
  "first_index",
  "entries",
  "commitments",
  "leaves",
  "payloads",
  "inflated_octets",
];

/** A pack is closed after so many entries, or so many octets of payloads: it is read and written as a whole. */
const MOST_ENTRIES = 512;
const MOST_OCTETS = 1_048_576;
/** Payloads of so many octets are deflated: fewer take a page of the database anyway. */
const DEFLATED_FROM = 4_096;
/** More are kept as they are: what a row becomes when it is inflated has to fit, whoever changed it. */
const DEFLATED_UP_TO = 16_777_216;
/**
 * The fastest. Messages in XML, and of one kind, become a tenth; the slower levels, and a window of more than 8 kB, hardly
 * make them smaller.
 */
const DEFLATE = { level: 1, windowBits: 13, memLevel: 7 };

/** An entry on its way into a pack. */
interface Packable {
  readonly leaf: LeafDraft;
  /** What stands in the tree, as a text of one octet a character. */
  readonly entry: string;
  /** In hexadecimal digits. */
  readonly commitment: string;
  readonly originalSalt: Uint8Array | null | undefined;
  /** Salt and payload; both are gone when it is erased. */
  readonly salted: Uint8Array | undefined;
  readonly saltLength: number;
}

/** A pack that is being filled. */
class Pack {
  readonly first: number;
  readonly #packables: Packable[] = [];
  #octets = 0;

  constructor(first: number) {
    this.first = first;
  }

  get isFull(): boolean {
    return this.#packables.length >= MOST_ENTRIES || this.#octets >= MOST_OCTETS;
  }

  /** The place behind its last entry. */
  get next(): number {
    return this.first + this.#packables.length;
  }

  add(packable: Packable): void {
    this.#packables.push(packable);
    this.#octets += packable.salted?.length ?? 0;
  }

  /** Under which names its entries are looked for. */
  names(): Set<string> {
    const names = new Set<string>();
    for (const { leaf } of this.#packables) addNames(leaf, names);
    return names;
  }

  row(): PackRow {
    const entries = Buffer.allocUnsafe(this.#packables.length * HASH_LENGTH);
    const commitments = Buffer.allocUnsafe(entries.length);
    const leaves: string[] = [];
    const payloads: Uint8Array[] = [];
    let at = 0;
    this.#packables.forEach(({ leaf, entry, commitment, originalSalt, salted, saltLength }, i) => {
      entries.write(entry, i * HASH_LENGTH, "latin1");
      commitments.write(commitment, i * HASH_LENGTH, "hex");
      const octets = salted ? salted.length - saltLength : null;
      leaves.push(`[${at},${originalSalt?.length ?? 0},${saltLength},${octets},${leaf}]`);
      for (const part of [originalSalt, salted]) {
        if (!part) continue;
        payloads.push(part);
        at += part.length;
      }
    });
    const joined = concatBytes(...payloads);
    return { first_index: this.first, entries, commitments, leaves: `[${leaves.join(",")}]`, payloads: joined };
  }
}

/** Names that entries have in the index. */
export const PLACES = {
  uid: (correlationUid: string) => `uid ${correlationUid}`,
  device: (device: string) => `device ${device}`,
  own: "class log",
};

/** What stands in leaves, one behind the other. Within texts, quotation marks have a backslash before them. */
const OWN = '"class":"log",';
const UID = '"correlationUid":"';
const DIRECTION = '","direction":"';
const DEVICE_DIRECTIONS = ["to-device", "from-device"];

/** Adds the names of an entry in the index. */
function addNames(leaf: LeafDraft, names: Set<string>): void {
  const at = leaf.indexOf(UID);
  if (leaf.startsWith(OWN, at - OWN.length)) names.add(PLACES.own);
  const end = leaf.indexOf('"', at + UID.length);
  const uid = leaf.slice(at + UID.length, end);
  // Few have a character in them that is escaped.
  if (uid.includes("\\")) names.add(PLACES.uid((JSON.parse(leaf) as Leaf).correlationUid));
  else if (uid !== "") names.add(PLACES.uid(uid));
  const directionAt = leaf.indexOf(DIRECTION, end) + DIRECTION.length;
  if (DEVICE_DIRECTIONS.some((each) => leaf.startsWith(each, directionAt))) {
    names.add(PLACES.device((JSON.parse(leaf) as Leaf).device));
  }
}

/** Writes entries, which are in the order of their places. */
function write(db: Connection, all: Iterable<readonly [index: number, packable: Packable]>): void {
  const packs: Pack[] = [];
  for (const [index, packable] of all) {
    const last = packs.at(-1);
    const isOpen = last && !last.isFull && last.next === index;
    const pack = isOpen ? last : new Pack(index);
    if (!isOpen) packs.push(pack);
    pack.add(packable);
  }
  for (const pack of packs) {
    putPack(db, pack.row());
    const sql = "insert into message_log_place (name, first_index) select value, ? from json_each(?)";
    db.run(sql, pack.first, JSON.stringify([...pack.names()]));
  }
}

/** Writes a pack, in place of the one with the same beginning. */
export function putPack(db: Connection, row: PackRow): void {
  const stored = { ...row, ...deflated(row.payloads) };
  const sql = `insert or replace into message_log_pack (${COLUMNS.join(", ")}) values (?, ?, ?, ?, ?, ?)`;
  db.run(sql, ...COLUMNS.map((name) => stored[name]));
}

function deflated(payloads: Uint8Array): Pick<StoredPack, "payloads" | "inflated_octets"> {
  if (payloads.length >= DEFLATED_FROM && payloads.length <= DEFLATED_UP_TO) {
    const smaller = deflateRawSync(payloads, DEFLATE);
    if (smaller.length < payloads.length) return { payloads: smaller, inflated_octets: payloads.length };
  }
  return { payloads, inflated_octets: null };
}

/** The payloads of a pack as they were before they were deflated; undefined when they cannot be inflated. */
export function inflate({ payloads, inflated_octets: octets }: StoredPack): Uint8Array | undefined {
  if (octets === null) return payloads;
  try {
    const maxOutputLength = Math.min(octets, DEFLATED_UP_TO);
    const { buffer, byteOffset, length } = inflateRawSync(payloads, { maxOutputLength });
    return new Uint8Array(buffer, byteOffset, length);
  } catch {
    return undefined;
  }
}

/** A pack as it was before its payloads were deflated; what cannot be inflated is gone, which the verifier names. */
export function inflated(row: StoredPack): PackRow {
  return { ...row, payloads: inflate(row) ?? new Uint8Array() };
}

function toPackable({ leaf, salted, originalSalt }: NewLogEntry): Packable {
  const commitment = hash("sha256", salted, "hex");
  const entry = hash("sha256", `\0${finishLeaf(leaf, commitment)}`, "binary");
  return { leaf, commitment, entry, originalSalt, salted, saltLength: SALT_LENGTH };
}

/** Writes entries that get the places from `first` on. */
export function writeEntriesAt(db: Connection, first: number, entries: readonly NewLogEntry[]): void {
  write(
    db,
    entries.map((entry, at) => [first + at, toPackable(entry)]),
  );
}

/** Writes entries that other databases, and older ones, have a row for each of. */
export function writeRows(db: Connection, rows: readonly LogRow[]): void {
  write(
    db,
    rows.map((row) => {
      const leaf = toLeaf(row);
      const { original_hash, original_salt: originalSalt, leaf_hash, salt, payload } = row;
      const packable = {
        leaf: draftLeaf({ ...leaf, bodyHash: original_hash ? leaf.bodyHash : "" }),
        commitment: leaf.storedHash,
        entry: Buffer.from(leaf_hash ?? entryOf(leaf)).toString("latin1"),
        originalSalt,
        salted: payload ? concatBytes(salt ?? new Uint8Array(), payload) : undefined,
        saltLength: payload && salt ? salt.length : 0,
      };
      return [row.leaf_index, packable];
    }),
  );
}

/** Where an entry stands in the payloads of its pack, and its leaf. */
export interface PackedLeaf {
  readonly leaf: Leaf;
  readonly at: number;
  readonly originalSaltLength: number;
  readonly saltLength: number;
  /** Null when it is erased. */
  readonly octets: number | null;
}

const TEXTS = [
  ...["application", "bodyHash", "class", "correlationUid", "device", "direction", "operation", "organisation"],
  ...["service", "user"],
] as readonly (keyof Leaf)[];
const NUMBERS: readonly (keyof Leaf)[] = ["redactions", "timeMs", "version"];

function isLeaf(leaf: Leaf): boolean {
  return TEXTS.every((name) => typeof leaf[name] === "string") && NUMBERS.every((name) => Number.isInteger(leaf[name]));
}

/** What the entries of a pack say, as far as it can be read: what is not there is for the verifier to name. */
export function leavesIn({ first_index, commitments, leaves }: Omit<PackRow, "payloads" | "entries">): PackedLeaf[] {
  const hashes = Buffer.from(commitments.buffer, commitments.byteOffset, commitments.length).toString("hex");
  return parsed(leaves).flatMap((each, i) => {
    if (!each) return [];
    const [at, originalSaltLength, saltLength, octets, draft] = each;
    if (!isLeaf(draft)) return [];
    const storedHash = hashes.slice(2 * i * HASH_LENGTH, 2 * (i + 1) * HASH_LENGTH);
    const leaf = { ...draft, index: first_index + i, bodyHash: draft.bodyHash || storedHash, storedHash };
    return [{ leaf, at, originalSaltLength, saltLength, octets }];
  });
}

type Parsed = readonly [at: number, originalSaltLength: number, saltLength: number, octets: number | null, leaf: Leaf];

function parsed(leaves: string): (Parsed | null)[] {
  try {
    const all: unknown = JSON.parse(leaves);
    return Array.isArray(all) ? all.map((each) => (isParsed(each) ? each : null)) : [];
  } catch {
    return [];
  }
}

function isParsed(each: unknown): each is Parsed {
  return Array.isArray(each) && typeof each[4] === "object" && each[4] !== null;
}

/** An entry with what it has in the payloads of its pack. */
export function entryIn(packed: PackedLeaf, payloads: Uint8Array): LoggedEntry {
  const { leaf, at, originalSaltLength, saltLength, octets } = packed;
  if (octets === null) return { leaf, stored: undefined, salt: undefined, originalSalt: undefined };
  const saltAt = at + originalSaltLength;
  const storedAt = saltAt + saltLength;
  return {
    leaf,
    stored: payloads.slice(storedAt, storedAt + octets),
    salt: payloads.slice(saltAt, storedAt),
    originalSalt: originalSaltLength > 0 ? payloads.slice(at, saltAt) : undefined,
  };
}

/** What stands in the tree for an entry of a pack; 32 octets. */
export function entryAt({ first_index, entries }: Pick<PackRow, "first_index" | "entries">, index: number): Uint8Array {
  const at = (index - first_index) * HASH_LENGTH;
  return entries.subarray(at, at + HASH_LENGTH);
}

/** A pack without the payloads and salts of some of its entries. */
export function withoutPayloads(row: PackRow, isErased: (leaf: Leaf, index: number) => boolean): PackRow {
  const kept: Uint8Array[] = [];
  let at = 0;
  const leaves = parsed(row.leaves).map((each, i) => {
    if (!each) return null;
    const [from, originalSaltLength, saltLength, octets, leaf] = each;
    if (octets === null || isErased(leaf, row.first_index + i)) return [at, 0, 0, null, leaf];
    const length = originalSaltLength + saltLength + octets;
    kept.push(row.payloads.subarray(from, from + length));
    at += length;
    return [at - length, originalSaltLength, saltLength, octets, leaf];
  });
  return { ...row, leaves: JSON.stringify(leaves), payloads: concatBytes(...kept) };
}
