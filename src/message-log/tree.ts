import { EMPTY_ROOT, edgeOf, HASH_LENGTH, hashNode, rootOfHashes, splitOf, TILE_WIDTH } from "../domain/log-tree.ts";
import { equalBytes } from "../lib/bytes.ts";

/**
 * Where the tiles of a tree come from: `width` hashes of a tile, or more of the same tile.
 * @returns undefined when there is no such tile or it is shorter
 */
export type ReadTile = (level: number, number: number, width: number) => Uint8Array | undefined;

/** A tile that is needed is not there. */
export class TileMissing extends Error {
  readonly code = "TILE_MISSING";
  readonly level: number;
  readonly number: number;

  constructor(level: number, number: number) {
    super(`there is no tile ${number} of level ${level}`);
    this.name = "TileMissing";
    this.level = level;
    this.number = number;
  }
}

/** How many hashes a tile has in a tree of `size` entries. */
export function widthOf(size: number, level: number, number: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** level);
  return Math.max(0, Math.min(TILE_WIDTH, hashes - number * TILE_WIDTH));
}

/** Where a range of entries lies in tiles, whose length is a power of two and whose start is a multiple of it. */
function placeOf(start: number, length: number): { level: number; number: number; from: number; to: number } {
  let level = 0;
  let unit = 1;
  for (; unit * TILE_WIDTH <= length; unit *= TILE_WIDTH) level += 1;
  const first = start / unit;
  const number = Math.floor(first / TILE_WIDTH);
  const from = first - number * TILE_WIDTH;
  return { level, number, from, to: from + length / unit };
}

function isPowerOfTwo(length: number): boolean {
  return Number.isInteger(Math.log2(length));
}

/**
 * The hash over the entries from `start` to before `end` as a tree of RFC 6962 has it, out of tiles, which are believed.
 * @throws TileMissing
 */
export function hashOfRange(start: number, end: number, read: ReadTile): Uint8Array {
  const length = end - start;
  if (length === 0) return EMPTY_ROOT;
  if (!isPowerOfTwo(length)) {
    const middle = start + splitOf(length);
    return hashNode(hashOfRange(start, middle, read), hashOfRange(middle, end, read));
  }
  const { level, number, from, to } = placeOf(start, length);
  const hashes = read(level, number, to);
  if (!hashes || hashes.length < to * HASH_LENGTH) throw new TileMissing(level, number);
  return rootOfHashes(hashes.subarray(from * HASH_LENGTH, to * HASH_LENGTH));
}

/** The root of the tree of the first `size` entries. @throws TileMissing */
export function rootOf(size: number, read: ReadTile): Uint8Array {
  return hashOfRange(0, size, read);
}

/**
 * Proof that an entry is in the tree of `size` entries: RFC 6962, section 2.1.1, from the leaf up.
 * @throws RangeError, TileMissing
 */
export function inclusionProof(index: number, size: number, read: ReadTile): Uint8Array[] {
  if (index < 0 || index >= size) throw new RangeError(`entry ${index} is not among ${size}`);
  const proof: Uint8Array[] = [];
  for (let start = 0, end = size; end - start > 1; ) {
    const middle = start + splitOf(end - start);
    if (index < middle) {
      proof.push(hashOfRange(middle, end, read));
      end = middle;
    } else {
      proof.push(hashOfRange(start, middle, read));
      start = middle;
    }
  }
  return proof.reverse();
}

/**
 * The root that an entry's hash and its proof lead to; undefined when the proof has another length than it must.
 * RFC 9162, section 2.1.3.2.
 */
export function rootFromInclusion(
  index: number,
  size: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
): Uint8Array | undefined {
  if (index < 0 || index >= size) return undefined;
  let [first, last] = [index, size - 1];
  let root = leaf;
  for (const sibling of proof) {
    if (last === 0) return undefined;
    if (first % 2 === 1 || first === last) {
      root = hashNode(sibling, root);
      while (first % 2 === 0 && first !== 0) [first, last] = [first / 2, Math.floor(last / 2)];
    } else root = hashNode(root, sibling);
    [first, last] = [Math.floor(first / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root : undefined;
}

/** Proof that the tree of `size` entries begins with that of `old` ones: RFC 6962, section 2.1.2. @throws RangeError */
export function consistencyProof(old: number, size: number, read: ReadTile): Uint8Array[] {
  if (old < 0 || old > size) throw new RangeError(`a tree of ${old} entries does not grow to ${size}`);
  if (old === 0 || old === size) return [];
  const proof: Uint8Array[] = [];
  let [start, end, isWhole] = [0, size, true];
  while (old !== end) {
    const middle = start + splitOf(end - start);
    if (old <= middle) {
      proof.push(hashOfRange(middle, end, read));
      end = middle;
    } else {
      proof.push(hashOfRange(start, middle, read));
      [start, isWhole] = [middle, false];
    }
  }
  if (!isWhole) proof.push(hashOfRange(start, end, read));
  return proof.reverse();
}

/** Whether a proof shows that one tree grew out of the other. RFC 9162, section 2.1.4.2. */
export function isConsistent(
  old: { readonly size: number; readonly root: Uint8Array },
  now: { readonly size: number; readonly root: Uint8Array },
  proof: readonly Uint8Array[],
): boolean {
  if (old.size > now.size) return false;
  if (old.size === now.size) return proof.length === 0 && equalBytes(old.root, now.root);
  if (old.size === 0) return proof.length === 0 && equalBytes(old.root, EMPTY_ROOT);
  const path = isPowerOfTwo(old.size) ? [old.root, ...proof] : [...proof];
  let [first, last] = [old.size - 1, now.size - 1];
  while (first % 2 === 1) [first, last] = [Math.floor(first / 2), Math.floor(last / 2)];
  const [seed, ...rest] = path;
  if (!seed) return false;
  let [before, after] = [seed, seed];
  for (const hash of rest) {
    if (last === 0) return false;
    if (first % 2 === 1 || first === last) {
      before = hashNode(hash, before);
      after = hashNode(hash, after);
      while (first % 2 === 0 && first !== 0) [first, last] = [first / 2, Math.floor(last / 2)];
    } else after = hashNode(after, hash);
    [first, last] = [Math.floor(first / 2), Math.floor(last / 2)];
  }
  return last === 0 && equalBytes(before, old.root) && equalBytes(after, now.root);
}

/** Tiles without those of the entries: level and number. */
export type TileName = readonly [level: number, number: number];

/** The tiles that it takes to compute the root of the first `size` entries. */
export function tilesOfRoot(size: number): TileName[] {
  return edgeOf(size)
    .filter(({ level }) => level >= 0)
    .map(({ level, number }): TileName => [level, number]);
}

/** The tiles that lead from an entry to the root of a tree of `size` entries. */
export function tilesOfEntry(index: number, size: number): TileName[] {
  const names: TileName[] = [];
  for (let level = 0, unit = TILE_WIDTH; ; level++, unit *= TILE_WIDTH) {
    const number = Math.floor(index / unit);
    if (widthOf(size, level, number) === 0) return names;
    names.push([level, number]);
  }
}

/** Every tile of a tree of `size` entries. */
export function* allTiles(size: number): Generator<TileName> {
  for (let level = 0; widthOf(size, level, 0) > 0; level++) {
    for (let number = 0; widthOf(size, level, number) > 0; number++) yield [level, number];
  }
}

const MOST_LEVELS = 8;

/** A tile's name as C2SP tlog-tiles has it, e.g. `tile/0/x001/067.p/8`; level −1 is `tile/entries`. */
export function tilePath(level: number, number: number, width: number): string {
  const digits = String(number).padStart(Math.ceil(String(number).length / 3) * 3, "0");
  const groups = digits.match(/\d{3}/g)!.map((group, at, all) => (at < all.length - 1 ? `x${group}` : group));
  const folder = level < 0 ? "entries" : level;
  return `tile/${folder}/${groups.join("/")}${width < TILE_WIDTH ? `.p/${width}` : ""}`;
}

/** The tile that a path names, without that of entries; undefined when it names none. */
export function parseTilePath(path: string): { level: number; number: number; width: number } | undefined {
  const [, level = "", groups = "", width = "256"] =
    /^tile\/(\d)\/((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path) ?? [];
  const tile = { level: Number(level), number: Number(groups.replace(/[x/]/g, "")), width: Number(width) };
  return level !== "" && tile.level < MOST_LEVELS && tilePath(tile.level, tile.number, tile.width) === path
    ? tile
    : undefined;
}
