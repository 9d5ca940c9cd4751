import { type FileHandle, mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { ENTRIES, HASH_LENGTH, TILE_WIDTH } from "../domain/log-tree.ts";
import { concatBytes } from "../lib/bytes.ts";
import type { MessageLogStore } from "../store/message-log.ts";
import { tilePath, widthOf } from "./tree.ts";

const TILES_AT_A_TIME = 64;
const LENGTH_PREFIX = Uint8Array.of(HASH_LENGTH >> 8, HASH_LENGTH & 0xff);

/** A directory with the tree of the log as C2SP tlog-tiles wants it served: `checkpoint` and `tile/…`. */
export class PublishedLog {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The signed note that is published; undefined when none is. */
  async checkpoint(): Promise<string | undefined> {
    try {
      return await readFile(join(this.#directory, "checkpoint"), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /**
   * Writes what tiles and entries a tree of `size` has beyond one of `from`, which is published: those at its edge may be
   * there and not full. What is there already may be written again.
   */
  async writeTiles(log: Pick<MessageLogStore, "tiles">, from: number, size: number): Promise<void> {
    for (let level = ENTRIES, unit = TILE_WIDTH; ; level++) {
      const end = Math.ceil(Math.floor(size / (unit / TILE_WIDTH)) / TILE_WIDTH);
      if (end === 0) return;
      for (let number = Math.floor(from / unit); number < end; ) {
        const tiles = await log.tiles(level, number, Math.min(TILES_AT_A_TIME, end - number));
        if (tiles.length === 0) throw new RangeError(`there is no tile ${number} of level ${level}`);
        const folders = tiles.map((tile) => dirname(this.#fileOf(level, tile.number, size)));
        for (const folder of new Set(folders)) await mkdir(folder, { recursive: true });
        // Together: a file system that is told to put many on the disk at once does it in one go.
        await Promise.all(tiles.map((tile) => this.#writeTile(level, tile.number, tile.hashes, size)));
        if (number === Math.floor(from / unit)) await this.#removePartial(level, number, size);
        number = tiles.at(-1)!.number + 1;
      }
      if (level > ENTRIES) unit *= TILE_WIDTH;
    }
  }

  /** Replaces the published checkpoint; its tiles must be there. */
  async writeCheckpoint(note: string): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    await replace(join(this.#directory, "checkpoint"), Buffer.from(note));
  }

  #fileOf(level: number, number: number, size: number): string {
    return join(this.#directory, tilePath(level, number, widthOf(size, Math.max(0, level), number)));
  }

  async #writeTile(level: number, number: number, hashes: Uint8Array, size: number): Promise<void> {
    const content = hashes.subarray(0, widthOf(size, Math.max(0, level), number) * HASH_LENGTH);
    await replace(this.#fileOf(level, number, size), level === ENTRIES ? bundleOf(content) : content);
  }

  /** Nobody needs the shorter ones any more when the tile is full. */
  async #removePartial(level: number, number: number, size: number): Promise<void> {
    if (widthOf(size, Math.max(0, level), number) < TILE_WIDTH) return;
    await rm(`${this.#fileOf(level, number, size)}.p`, { recursive: true, force: true });
  }
}

/** Whole or not at all, and on the disk when it is there. */
async function replace(path: string, content: Uint8Array): Promise<void> {
  const draft = `${path}.${process.pid}.new`;
  await writing(await open(draft, "w", 0o644), content);
  await rename(draft, path);
}

async function writing(file: FileHandle, content: Uint8Array): Promise<void> {
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Entries with their lengths in front, 2 octets big-endian. */
function bundleOf(entries: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < entries.length; at += HASH_LENGTH)
    parts.push(LENGTH_PREFIX, entries.subarray(at, at + HASH_LENGTH));
  return concatBytes(...parts);
}
