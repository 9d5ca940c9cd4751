import { commit, entryOf, LEAF_VERSION, type Leaf } from "../domain/log-leaf.ts";
import { ENTRIES, HASH_LENGTH, hashEntry, rootOfHashes, TILE_WIDTH } from "../domain/log-tree.ts";
import { equalBytes } from "../lib/bytes.ts";
import type { LoggedEntry, MessageLogStore } from "../store/message-log.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { ERASED, type Erasure, parseErasure } from "./erasure.ts";
import { ownEntries } from "./key-list.ts";
import { NoteError } from "./note.ts";
import { tilesOf, withTiles } from "./tile-loader.ts";
import { rootOf, TileMissing } from "./tree.ts";

/** What can be wrong with an entry. */
export type LogDefect =
  /** No entry has this index, though later ones exist or were counted. */
  | "MISSING"
  /** The fields are not those that stand in the tree. */
  | "LEAF_CHANGED"
  /** The stored message is not the one whose hash the leaf holds. */
  | "BODY_CHANGED"
  /** The payload is gone, and no entry behind it says that it was erased. */
  | "PAYLOAD_MISSING"
  /** The hashes say that something was replaced and the count denies it, or the other way round. */
  | "REDACTIONS_INCONSISTENT"
  /** The leaf has a version that is not known here. */
  | "UNKNOWN_VERSION"
  /** More entries than were ever counted. */
  | "UNCOUNTED"
  /** What the tree has for the entry in one place is not what it has in the other, or is not there. */
  | "TREE_CHANGED"
  /** The tree is not the one that the latest checkpoint signed. */
  | "CHECKPOINT_CHANGED";

export interface LogFinding {
  readonly index: number;
  readonly defect: LogDefect;
}

export interface LogReport {
  /** Entries that were read. */
  readonly entries: number;
  /** In order of their index; at most `MOST_FINDINGS`. */
  readonly findings: readonly LogFinding[];
}

/** Findings after which reading goes on to no purpose. */
export const MOST_FINDINGS = 1000;
/** Entries that are read at once: two tiles. */
const PAGE = 2 * TILE_WIDTH;

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/** What is wrong with an entry in itself. */
export function defectsOf({ leaf, stored, salt }: LoggedEntry): LogDefect[] {
  if (leaf.version !== LEAF_VERSION && leaf.version !== 1) return ["UNKNOWN_VERSION"];
  const defects: LogDefect[] = [];
  if (stored && hex(commit(salt ?? new Uint8Array(), stored)) !== leaf.storedHash) defects.push("BODY_CHANGED");
  if ((leaf.bodyHash !== leaf.storedHash) !== leaf.redactions > 0) defects.push("REDACTIONS_INCONSISTENT");
  return defects;
}

/** A tombstone and its place. */
export type PlacedErasure = Erasure & { readonly index: number };

/** Whether a tombstone says that the payload of a leaf was erased. */
function covers({ index, class: name, from, to, beforeMs }: PlacedErasure, leaf: Leaf): boolean {
  return index > leaf.index && name === leaf.class && from <= leaf.index && leaf.index < to && leaf.timeMs < beforeMs;
}

/** All that the log says was erased. */
async function erasuresIn(log: Pick<MessageLogStore, "find">): Promise<PlacedErasure[]> {
  const erasures: PlacedErasure[] = [];
  for await (const { leaf, stored } of ownEntries(log)) {
    if (leaf.operation !== ERASED || !stored) continue;
    try {
      erasures.push({ index: leaf.index, ...parseErasure(Buffer.from(stored).toString()) });
    } catch {
      // It says nothing, and what it was to cover is told as missing.
    }
  }
  return erasures;
}

/** What the tree holds of entries: the entries themselves, and their hashes. */
interface InTree {
  readonly entry: Uint8Array | undefined;
  readonly hash: Uint8Array | undefined;
}

/**
 * Computes again what the writer of the log computed: hashes, leaves, and that no entry is missing. Entries in, verdict
 * out; it finds accidents and clumsy changes, for whoever can write to the database can also make new hashes that fit.
 */
export class LogVerifier {
  readonly #findings: LogFinding[] = [];
  readonly #erasures: readonly PlacedErasure[];
  #entries = 0;
  #expected = 0;

  /** @param erasures what the log says was erased */
  constructor(erasures: readonly PlacedErasure[]) {
    this.#erasures = erasures;
  }

  /** Index of the next entry, if none is missing. */
  get expected(): number {
    return this.#expected;
  }

  /** True when more entries would not change the verdict. */
  get full(): boolean {
    return this.#findings.length >= MOST_FINDINGS;
  }

  /**
   * Takes the next entry, in order of the index.
   * @param counted how many entries were ever counted, when it was read
   * @param inTree what the tree has in its place; undefined when it is not in the tree yet
   */
  take(entry: LoggedEntry, counted: number, inTree: InTree | undefined): void {
    const { leaf } = entry;
    const { index } = leaf;
    this.#missUntil(index);
    this.#entries += 1;
    this.#expected = index + 1;
    const defects = defectsOf(entry);
    if (!entry.stored && !this.#erasures.some((erasure) => covers(erasure, leaf))) defects.push("PAYLOAD_MISSING");
    if (inTree && !defects.includes("UNKNOWN_VERSION")) defects.unshift(...this.#defectsInTree(entryOf(leaf), inTree));
    this.#findings.push(...defects.map((defect) => ({ index, defect })));
    if (index >= counted) this.#findings.push({ index, defect: "UNCOUNTED" });
  }

  /** @param counted how many entries there should be */
  finish(counted: number): LogReport {
    if (!this.full) this.#missUntil(counted);
    return { entries: this.#entries, findings: this.#findings.slice(0, MOST_FINDINGS) };
  }

  #defectsInTree(expected: Uint8Array, { entry, hash }: InTree): LogDefect[] {
    if (!entry || !hash || !equalBytes(hashEntry(entry), hash)) return ["TREE_CHANGED"];
    return equalBytes(expected, entry) ? [] : ["LEAF_CHANGED"];
  }

  #missUntil(index: number): void {
    for (; this.#expected < index && !this.full; this.#expected++) {
      this.#findings.push({ index: this.#expected, defect: "MISSING" });
    }
    this.#expected = Math.max(index, this.#expected);
  }
}

/** Looks up what the tree has for the entries of a page. */
async function treeOf(log: Pick<MessageLogStore, "tiles">, from: number): Promise<(index: number) => InTree> {
  const first = Math.floor(from / TILE_WIDTH);
  const read = async (level: number) => {
    const tiles = await log.tiles(level, first, PAGE / TILE_WIDTH + 1);
    return new Map(tiles.map(({ number, hashes }) => [number, hashes]));
  };
  const [entries, hashes] = await Promise.all([read(ENTRIES), read(0)]);
  const at = (tiles: ReadonlyMap<number, Uint8Array>, index: number) => {
    const start = (index % TILE_WIDTH) * HASH_LENGTH;
    const found = tiles.get(Math.floor(index / TILE_WIDTH))?.subarray(start, start + HASH_LENGTH);
    return found?.length === HASH_LENGTH ? found : undefined;
  };
  return (index) => ({ entry: at(entries, index), hash: at(hashes, index) });
}

/**
 * Names the tiles that are not what the ones above them say, by the first entry that they cover, and the whole when the
 * tree is not the one of the latest checkpoint.
 */
async function verifyTree(log: MessageLogStore, integrated: number): Promise<LogFinding[]> {
  const findings: LogFinding[] = [];
  const load = tilesOf(log);
  for (let level = 0, unit = TILE_WIDTH; unit <= integrated; level++, unit *= TILE_WIDTH) {
    for (let number = 0; (number + 1) * unit <= integrated && findings.length < MOST_FINDINGS; number++) {
      const place = (number % TILE_WIDTH) * HASH_LENGTH;
      const above = (await load(level + 1, Math.floor(number / TILE_WIDTH)))?.subarray(place, place + HASH_LENGTH);
      const hashes = await load(level, number);
      const fits = above && hashes?.length === TILE_WIDTH * HASH_LENGTH && equalBytes(rootOfHashes(hashes), above);
      if (!fits) findings.push({ index: number * unit, defect: "TREE_CHANGED" });
    }
  }
  const checkpoint = await log.checkpointUpTo(integrated);
  if (!checkpoint || findings.length > 0) return findings;
  try {
    const { size, root } = parseCheckpoint(checkpoint.note);
    const actual = await withTiles(load, (read) => rootOf(size, read));
    if (!equalBytes(actual, root)) findings.push({ index: 0, defect: "CHECKPOINT_CHANGED" });
  } catch (error) {
    if (!(error instanceof TileMissing || error instanceof NoteError)) throw error;
    findings.push({ index: 0, defect: "CHECKPOINT_CHANGED" });
  }
  return findings;
}

/**
 * Reads the whole log of a store and verifies it.
 * @param goOn called between portions; false ends it early
 */
export async function verifyMessageLog(
  log: MessageLogStore,
  goOn: () => Promise<boolean> = async () => true,
): Promise<LogReport> {
  const verifier = new LogVerifier(await erasuresIn(log));
  let { sequenced, integrated } = await log.positions();
  let counted = sequenced;
  for (let more = true; more && !verifier.full; ) {
    const from = verifier.expected;
    // What comes in after the last page was read is not missing from it.
    counted = sequenced;
    const entries = await log.read(from, PAGE);
    const last = entries.at(-1)?.leaf.index ?? -1;
    // Entries may come in meanwhile; an entry and its count are committed together.
    if (last >= sequenced) ({ sequenced, integrated } = await log.positions());
    const inTree = await treeOf(log, from);
    for (const entry of entries) {
      const { index } = entry.leaf;
      const isNear = index < from + PAGE;
      const found = isNear ? inTree : await treeOf(log, index);
      verifier.take(entry, sequenced, index < integrated ? found(index) : undefined);
    }
    more = entries.length === PAGE && (await goOn());
  }
  const { entries, findings } = verifier.finish(counted);
  const inTree = await verifyTree(log, integrated);
  const known = new Set(findings.map(({ index, defect }) => `${index} ${defect}`));
  const added = inTree.filter(({ index, defect }) => !known.has(`${index} ${defect}`));
  return { entries, findings: [...findings, ...added].slice(0, MOST_FINDINGS) };
}
