import type { MessageLogStore } from "../store/message-log.ts";
import { type ReadTile, TileMissing } from "./tree.ts";

/** Fetches a tile; undefined when there is none. */
export type LoadTile = (level: number, number: number) => Promise<Uint8Array | undefined>;

/**
 * Computes something from tiles that come from somewhere slow: what turns out to be missing is fetched, and it is
 * computed again.
 * @throws TileMissing when a tile is nowhere
 */
export async function withTiles<T>(load: LoadTile, compute: (read: ReadTile) => T): Promise<T> {
  const tiles = new Map<string, Uint8Array>();
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
