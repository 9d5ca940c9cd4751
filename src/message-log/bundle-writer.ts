import { closeSync, existsSync, mkdirSync, openSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { HASH_LENGTH } from "../domain/log-tree.ts";
import type { Checkpoint, LoggedEntry, LogQuery, MessageLogStore } from "../store/message-log.ts";
import { BundleError, formatManifest, formatRecord, isComplete, type Manifest } from "./bundle-format.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { keyInEntry } from "./key-list.ts";
import { type TileName, tilePath, tilesOfEntry, tilesOfRoot, widthOf } from "./tree.ts";

/** What goes into a bundle. */
export interface Selection extends Omit<Manifest, "from" | "to"> {
  /** Indexes; all that the last checkpoint covers when absent. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Checkpoints that the reader has from elsewhere and wants to find again in this tree. */
  readonly checkpoints?: readonly string[] | undefined;
}

export interface Exported {
  readonly entries: number;
  readonly checkpoint: Checkpoint;
}

const AT_A_TIME = 500;
/** Older checkpoints in a bundle: what is wrong is between two of them. */
const MOST_CHECKPOINTS = 64;

/** Entries in order of their index, and of one index once: those that are asked for, and those about the log itself. */
async function* select(log: MessageLogStore, manifest: Manifest, size: number): AsyncGenerator<LoggedEntry> {
  const { from, to, organisation, device, uid } = manifest;
  const query: LogQuery = { organisation, device, correlationUid: uid };
  const pages = async function* (load: (next: number) => Promise<LoggedEntry[]>, start: number, end: number) {
    for (let next = start; next < end; ) {
      const entries = await load(next);
      for (const entry of entries) if (entry.leaf.index < end) yield entry;
      if (entries.length < AT_A_TIME) return;
      next = entries.at(-1)!.leaf.index + 1;
    }
  };
  const wanted = isComplete(manifest)
    ? pages((next) => log.read(next, AT_A_TIME), from, Math.min(to, size))
    : pages((next) => log.find(query, next, AT_A_TIME), from, Math.min(to, size));
  const own = pages((next) => log.find({ class: "log" }, next, AT_A_TIME), 0, size);
  let [a, b] = [await wanted.next(), await own.next()];
  while (!a.done || !b.done) {
    const first = a.done ? Number.POSITIVE_INFINITY : a.value.leaf.index;
    const second = b.done ? Number.POSITIVE_INFINITY : b.value.leaf.index;
    yield (first <= second ? a.value : b.value) as LoggedEntry;
    if (first <= second) a = await wanted.next();
    if (second <= first) b = await own.next();
  }
}

/** Checkpoints that go along: some of all, and for each key that was added the first one that its forerunner signed, too. */
async function olderCheckpoints(log: MessageLogStore, size: number, keysAddedAt: readonly number[]) {
  const all: Checkpoint[] = [];
  for (let from = 0; ; ) {
    const page = await log.checkpoints(from, AT_A_TIME);
    all.push(...page.filter((each) => each.size < size));
    if (page.length < AT_A_TIME) break;
    from = page.at(-1)!.size + 1;
  }
  const step = Math.max(1, Math.ceil(all.length / MOST_CHECKPOINTS));
  const chosen = new Set(all.filter((_, i) => (all.length - 1 - i) % step === 0));
  for (const index of keysAddedAt) {
    const after = all.find((each) => each.size > index);
    if (after) chosen.add(after);
  }
  return all.filter((each) => chosen.has(each));
}

/**
 * Writes a bundle into a new directory: what it takes to verify the selected entries without us.
 * @throws BundleError when there is no checkpoint yet, or the directory is not empty
 */
export async function writeBundle(log: MessageLogStore, directory: string, selection: Selection): Promise<Exported> {
  if (existsSync(directory) && readdirSync(directory).length > 0) throw new BundleError(`${directory} is not empty`);
  const { signed } = await log.positions();
  const checkpoint = await log.checkpointUpTo(signed);
  if (!checkpoint) throw new BundleError("there is no checkpoint yet; the service makes the first one within a minute");
  const { size } = checkpoint;
  const { from = 0, to = size, organisation, device, uid, checkpoints: known = [] } = selection;
  const manifest: Manifest = { from: Math.min(from, size), to: Math.min(to, size), organisation, device, uid };
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(directory, name)), { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, name), content, { mode: 0o600 });
  };
  write("manifest", formatManifest(manifest));
  write("checkpoint", checkpoint.note);
  const tiles = new TileNames(size);
  tiles.add(tilesOfRoot(size));
  const keysAddedAt: number[] = [];
  let entries = 0;
  const file = openSync(join(directory, "entries"), "wx", 0o600);
  try {
    for await (const entry of select(log, manifest, size)) {
      const { index } = entry.leaf;
      writeFileSync(file, formatRecord(entry));
      tiles.add(tilesOfEntry(index, size));
      if (keyInEntry(entry) !== undefined) keysAddedAt.push(index);
      entries += 1;
    }
  } finally {
    closeSync(file);
  }
  for (const older of await olderCheckpoints(log, size, keysAddedAt)) {
    write(`checkpoints/${older.size}`, older.note);
    tiles.add(tilesOfRoot(older.size));
    if (older.timestamp) {
      write(`timestamps/${older.size}.note`, older.timestamp.note);
      write(`timestamps/${older.size}.tsr`, older.timestamp.response);
    }
  }
  for (const note of known) {
    const head = parseCheckpoint(note);
    if (head.size <= size) tiles.add(tilesOfRoot(head.size));
  }
  for (const [level, number] of tiles) {
    const [tile] = await log.tiles(level, number, 1);
    const width = widthOf(size, level, number);
    if (tile?.number === number) write(tilePath(level, number, width), tile.hashes.subarray(0, width * HASH_LENGTH));
  }
  return { entries, checkpoint };
}

/** Tiles by their names, each once, with those that lead from them to the root. */
class TileNames {
  readonly #size: number;
  readonly #names = new Map<string, TileName>();

  constructor(size: number) {
    this.#size = size;
  }

  add(names: readonly TileName[]): void {
    for (const [level, number] of names) {
      let at = number;
      for (let up = level; widthOf(this.#size, up, at) > 0; up++, at = Math.floor(at / 256)) {
        const key = `${up}/${at}`;
        if (this.#names.has(key)) break;
        this.#names.set(key, [up, at]);
      }
    }
  }

  [Symbol.iterator](): Iterator<TileName> {
    return this.#names.values();
  }
}
