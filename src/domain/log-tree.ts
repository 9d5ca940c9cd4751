import { hash } from "node:crypto";

/** Octets of a hash, and hashes of a full tile. */
export const HASH_LENGTH = 32;
export const TILE_WIDTH = 256;
/** In place of a tile's level: the entries themselves, each as long as a hash. */
export const ENTRIES = -1;

/**
 * Up to 256 neighbours of a Merkle tree (RFC 6962) at level 8 × `level`, as C2SP tlog-tiles cuts it: hash i of tile n at
 * level L is the root of the complete subtree over the leaves from (256 n + i) × 256^L on. Level −1 holds the entries.
 */
export interface Tile {
  readonly level: number;
  readonly number: number;
  /** 32 octets each; fewer than 256 only at the right edge. */
  readonly hashes: Uint8Array;
}

const LEAF_INPUT = new Uint8Array(1 + HASH_LENGTH);
const NODE_INPUT = new Uint8Array(1 + 2 * HASH_LENGTH);
NODE_INPUT[0] = 1;

/** Node.js hands out a text of one octet a character twice as fast as it makes a buffer for a hash. */
function sha256(input: Uint8Array): Uint8Array {
  return Buffer.from(hash("sha256", input, "binary"), "binary");
}

/** SHA-256 of 0x00 and an entry of 32 octets. */
export function hashEntry(entry: Uint8Array): Uint8Array {
  LEAF_INPUT.set(entry, 1);
  return sha256(LEAF_INPUT);
}

/** SHA-256 of 0x01 and the hashes of two subtrees. */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  NODE_INPUT.set(left, 1);
  NODE_INPUT.set(right, 1 + HASH_LENGTH);
  return sha256(NODE_INPUT);
}

/** The largest power of two below `size`, which is at least 2: where a tree of RFC 6962 is split. */
export function splitOf(size: number): number {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
}

/** The hash of the tree without entries: that of nothing. */
export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array());

/**
 * The root over neighbouring hashes, one after the other in `hashes`; there is at least one. Level by level: a hash that
 * has no neighbour goes up as it is.
 */
export function rootOfHashes(hashes: Uint8Array): Uint8Array {
  const nodes = Buffer.allocUnsafe(1 + hashes.length);
  nodes.set(hashes, 1);
  let count = hashes.length / HASH_LENGTH;
  for (; count > 1; count = Math.ceil(count / 2)) {
    const pairs = Math.floor(count / 2);
    for (let i = 0; i < pairs; i++) {
      // The octet in front of two hashes is of those that are done with, and makes them the input for the node above.
      const at = 2 * i * HASH_LENGTH;
      nodes[at] = NODE_INPUT[0]!;
      const node = hash("sha256", nodes.subarray(at, at + NODE_INPUT.length), "binary");
      nodes.write(node, 1 + i * HASH_LENGTH, "binary");
    }
    if (count % 2 === 1)
      nodes.copyWithin(1 + pairs * HASH_LENGTH, 1 + (count - 1) * HASH_LENGTH, 1 + count * HASH_LENGTH);
  }
  return Uint8Array.from(nodes.subarray(1, 1 + HASH_LENGTH));
}

/** The tiles at the right edge of a tree that are not full: what it takes to let it grow. */
export function edgeOf(size: number): { level: number; number: number; width: number }[] {
  const edge: { level: number; number: number; width: number }[] = [];
  for (let level = ENTRIES, count = size; count > 0; level++) {
    const width = count % TILE_WIDTH;
    if (width > 0) edge.push({ level, number: Math.floor(count / TILE_WIDTH), width });
    if (level > ENTRIES) count = Math.floor(count / TILE_WIDTH);
  }
  return edge;
}

/**
 * Lets a tree of `size` entries grow.
 * @param edge its tiles at the right edge, see `edgeOf`
 * @param entries 32 octets each
 * @returns the tiles that are new or longer
 * @throws RangeError when a tile of the edge is missing or has another width
 */
export function growTree(size: number, edge: readonly Tile[], entries: readonly Uint8Array[]): Tile[] {
  const open = new Map<number, Open>();
  const done: Tile[] = [];
  for (const { level, number, width } of edgeOf(size)) {
    const tile = edge.find((each) => each.level === level && each.number === number);
    if (tile?.hashes.length !== width * HASH_LENGTH) {
      throw new RangeError(`tile ${number} of level ${level} does not have ${width} hashes`);
    }
    open.set(level, new Open(number, tile.hashes));
  }
  const add = (level: number, hashed: Uint8Array, position: number) => {
    const tile = open.get(level) ?? new Open(Math.floor(position / TILE_WIDTH));
    open.set(level, tile);
    tile.add(hashed);
    if (tile.width < TILE_WIDTH) return;
    open.delete(level);
    done.push({ level, number: tile.number, hashes: tile.hashes });
    if (level > ENTRIES) add(level + 1, rootOfHashes(tile.hashes), tile.number);
  };
  entries.forEach((entry, i) => {
    add(ENTRIES, entry, size + i);
    add(0, hashEntry(entry), size + i);
  });
  for (const [level, tile] of open) {
    if (tile.grew) done.push({ level, number: tile.number, hashes: tile.hashes.slice(0, tile.width * HASH_LENGTH) });
  }
  return done;
}

/** A tile that is being filled. */
class Open {
  readonly number: number;
  readonly hashes = new Uint8Array(TILE_WIDTH * HASH_LENGTH);
  width = 0;
  grew = false;

  constructor(number: number, hashes: Uint8Array = new Uint8Array()) {
    this.number = number;
    this.hashes.set(hashes);
    this.width = hashes.length / HASH_LENGTH;
  }

  add(hashed: Uint8Array): void {
    this.hashes.set(hashed, this.width * HASH_LENGTH);
    this.width += 1;
    this.grew = true;
  }
}
