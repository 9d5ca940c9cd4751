import { HASH_LENGTH, TILE_WIDTH } from "../domain/log-tree.ts";
import { type ReadTile, tilePath, widthOf } from "./tree.ts";

/** The tiles of a bundle in a tree of so many entries: those with as many hashes as they must have. */
export class BundleTiles {
  readonly #files: { read(path: string): Uint8Array | undefined };
  readonly #size: number;
  readonly #upper = new Map<string, Uint8Array | undefined>();
  #lowest: { number: number; hashes: Uint8Array | undefined } | undefined;

  constructor(files: { read(path: string): Uint8Array | undefined }, size: number) {
    this.#files = files;
    this.#size = size;
  }

  /** Upper ones are kept, of the lowest level the last one. */
  readonly read: ReadTile = (level, number) => {
    if (level === 0 && this.#lowest?.number === number) return this.#lowest.hashes;
    const key = `${level}/${number}`;
    if (this.#upper.has(key)) return this.#upper.get(key);
    const width = widthOf(this.#size, level, number);
    const content = width > 0 ? this.#files.read(tilePath(level, number, width)) : undefined;
    const hashes = content?.length === width * HASH_LENGTH ? content : undefined;
    if (level === 0) this.#lowest = { number, hashes };
    else this.#upper.set(key, hashes);
    return hashes;
  };
}

/** What the tree has for each entry, as texts of one octet a character; that of a whole tile is kept. */
export class LeafHashes {
  readonly #read: ReadTile;
  #tile: { number: number; text: string | undefined } | undefined;

  constructor(read: ReadTile) {
    this.#read = read;
  }

  at(index: number): string | undefined {
    const number = Math.floor(index / TILE_WIDTH);
    if (this.#tile?.number !== number) {
      const hashes = this.#read(0, number, TILE_WIDTH);
      this.#tile = { number, text: hashes && Buffer.from(hashes).toString("binary") };
    }
    const at = (index % TILE_WIDTH) * HASH_LENGTH;
    return this.#tile.text?.slice(at, at + HASH_LENGTH);
  }
}
