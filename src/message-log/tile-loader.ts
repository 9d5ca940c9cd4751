import type { MessageLogStore } from "../store/message-log.ts";
import { inclusionProof, type ReadTile, TileMissing, type TileName, tilesOfEntry, tilesOfRoot } from "./tree.ts";

/** Fetches a tile; undefined when there is none. */
export type LoadTile = (level: number, number: number) => Promise<Uint8Array | undefined>;

/**
 * Computes something from tiles that come from somewhere slow: what turns out to be missing is fetched, and it is
 * computed again.
 * @param likely tiles that are fetched before it is tried the first time
 * @throws TileMissing when a tile is nowhere
 */
export async function withTiles<T>(
  load: LoadTile,
  compute: (read: ReadTile) => T,
  likely: readonly TileName[] = [],
): Promise<T> {
  const tiles = new Map<string, Uint8Array>();
  const fetched = await Promise.all(likely.map(([level, number]) => load(level, number)));
  for (const [i, [level, number]] of likely.entries()) {
    const tile = fetched[i];
    if (tile) tiles.set(`${level}/${number}`, tile);
  }
  for (;;) {
    try {
      return compute((level, number) => tiles.get(`${level}/${number}`));
    } catch (error) {
      if (!(error instanceof TileMissing)) throw error;
      const { level, number } = error;
      const tile = await load(level, number);
      const before = tiles.get(`${level}/${number}`);
      // What is still missing after it was fetched is not there.
      if (!tile || before !== undefined) throw error;
      tiles.set(`${level}/${number}`, tile);
    }
  }
}

/** Tiles of a store. */
export function tilesOf(log: Pick<MessageLogStore, "tiles">): LoadTile {
  return async (level, number) => {
    const [tile] = await log.tiles(level, number, 1);
    return tile?.number === number ? tile.hashes : undefined;
  };
}

/** The proof that an entry is in the tree of `size` entries of a store. @throws RangeError, TileMissing */
export function proofOf(log: Pick<MessageLogStore, "tiles">, index: number, size: number): Promise<Uint8Array[]> {
  const likely = [...tilesOfRoot(size), ...tilesOfEntry(index, size)];
  return withTiles(tilesOf(log), (read) => inclusionProof(index, size, read), likely);
}
