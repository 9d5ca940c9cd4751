import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import Libsql from "libsql";
import { entryOf } from "../../src/domain/log-leaf.ts";
import { ENTRIES, growTree, HASH_LENGTH, TILE_WIDTH } from "../../src/domain/log-tree.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { formatManifest, formatRecord } from "../../src/message-log/bundle-format.ts";
import { formatTreeHead } from "../../src/message-log/checkpoint.ts";
import { prepareEntry } from "../../src/message-log/message-log.ts";
import { formatNote, formatVerifierKey } from "../../src/message-log/note.ts";
import { logSigner } from "../../src/message-log/signer.ts";
import { proofOf } from "../../src/message-log/tile-loader.ts";
import { rootOf, tilePath } from "../../src/message-log/tree.ts";
import { placed } from "../../src/store/log-entry.ts";
import type { LoggedEntry } from "../../src/store/message-log.ts";
import { openStore } from "../../src/store/open-store.ts";
import { withProcessorUs } from "./child.ts";
import { load } from "./load.ts";
import { acceptOnly, type Metergate, startMetergate } from "./service.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const ACCEPT_SERVER = fileURLToPath(new URL("accept-server.ts", import.meta.url));
/** As long as an answer that a request was accepted. */
const BODY = Buffer.from("<m>".padEnd(400, "x"));

function loggedEntry(index: number): LoggedEntry {
  const caller = { organisation: "test-org", userName: "clerk", applicationName: "ERP" };
  const about = {
    service: "configuration",
    operation: "GetFirmwareVersion",
    device: `E${index}`,
    correlationUid: `u-${index}`,
  };
  return placed(prepareEntry({ direction: "in", ...about, caller, body: BODY }, 1_700_000_000_000 + index), index);
}

/** Writes a bundle of so many entries; gives the key that signed it. */
async function writeEntries(directory: string, count: number): Promise<string> {
  const hashes: Uint8Array[] = [];
  const file = openSync(join(directory, "entries"), "w");
  for (let index = 0; index < count; index++) {
    const entry = loggedEntry(index);
    hashes.push(entryOf(entry.leaf));
    writeSync(file, formatRecord(entry));
  }
  closeSync(file);
  const tiles = growTree(0, [], hashes);
  const known = new Map(tiles.map(({ level, number, hashes }) => [`${level}/${number}`, hashes]));
  const root = rootOf(count, (level, number) => known.get(`${level}/${number}`));
  const signer = logSigner("log.example/bench", new Uint8Array(32).fill(1));
  const text = formatTreeHead({ origin: "log.example/bench", size: count, root });
  const write = (name: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  };
  write("manifest", formatManifest({ from: 0, to: count }));
  write("checkpoint", formatNote({ text, signatures: [await signer.sign(text)] }));
  for (const { level, number, hashes } of tiles) {
    if (level > ENTRIES) write(tilePath(level, number, hashes.length / HASH_LENGTH), hashes);
  }
  return formatVerifierKey(signer.key);
}

/** Entries of a bundle that the command verifies in a second, its start included: leaves, payloads, tiles and signature. */
export async function entriesVerifiedPerSecond(count: number): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "metergate-bench-"));
  try {
    const key = await writeEntries(directory, count);
    const startMs = performance.now();
    const args = [MAIN, "log", "verify", directory, "--key", key];
    const told = execFileSync(process.execPath, args, { encoding: "utf8" });
    const tookMs = performance.now() - startMs;
    if (!told.endsWith(`${count} entries verified, 0 defects: accepted\n`)) throw new RangeError(told);
    return count / (tookMs / 1000);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Milliseconds for the proof of one entry out of ten million, from a store on disk that was just opened. */
export async function proofMs(): Promise<number> {
  const size = 10_000_000;
  const dataDirectory = mkdtempSync(join(tmpdir(), "metergate-bench-"));
  try {
    await (await openStore({ dataDirectory, clock: systemClock })).close();
    const sql = new Libsql(join(dataDirectory, "metergate.db"));
    sql.exec("pragma busy_timeout = 10000");
    for (let level = 0, hashes = size; hashes > 0; level++, hashes = Math.floor(hashes / TILE_WIDTH)) {
      const [full, rest] = [Math.floor(hashes / TILE_WIDTH), hashes % TILE_WIDTH];
      // What the hashes are makes no difference to how long it takes.
      sql.exec(`with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < ${full})
        insert into log_tile select ${level}, i, randomblob(8192) from n where ${full} > 0`);
      if (rest > 0) sql.exec(`insert into log_tile values (${level}, ${full}, randomblob(${rest * HASH_LENGTH}))`);
    }
    sql.close();
    const store = await openStore({ dataDirectory, clock: systemClock, readOnly: true });
    const startMs = performance.now();
    const proof = await proofOf(store.messageLog, 7_654_321, size);
    const tookMs = performance.now() - startMs;
    await store.close();
    if (proof.length < 20) throw new RangeError("too short a proof");
    return tookMs;
  } finally {
    rmSync(dataDirectory, { recursive: true });
  }
}

/** Accepts in the warm-up: for so many, Node.js compiles; it costs as much again as the requests do. */
const WARM = 12_000;
/** In a turn, before it is measured: by then the log's tasks have the work that belongs to the load. */
const LEAD_MS = 1_500;
/** Between turns: what the log's tasks have left is done, and does not hold up the other. */
const REST_MS = 2_000;
const TURNS = 2;

/** What accepts came to, at the median. */
interface Accepts {
  readonly perSecond: number;
  /** Of the service, for each. */
  readonly processorUs: number;
  /** By which the database grew for each. */
  readonly octets: number;
}

async function startAccepting(flags: readonly string[]) {
  // As the command sets them for itself.
  const ofNode = ["--no-parallel-scavenge", "--no-omit-default-ctors", "--import", "./scripts/typescript.mjs"];
  const service = await startMetergate([4059], undefined, [...ofNode, ACCEPT_SERVER, ...flags]);
  for (let warm = 0; warm < WARM; ) warm += (await load(service.port, 64, 2_000, acceptOnly)).count;
  return service;
}

async function measureAccepts({ port, dataDir, process }: Metergate, durationMs: number): Promise<Accepts> {
  const sizeOf = () => {
    const file = join(dataDir, "metergate.db");
    const sql = new Libsql(file);
    sql.exec("pragma busy_timeout = 10000; pragma wal_checkpoint(full)");
    sql.close();
    return statSync(file).size;
  };
  await load(port, 64, LEAD_MS, acceptOnly);
  const before = sizeOf();
  const [{ perSecond, count }, tookUs] = await withProcessorUs(process.pid, () =>
    load(port, 64, durationMs, acceptOnly),
  );
  const octets = (sizeOf() - before) / count;
  await new Promise((resolve) => setTimeout(resolve, REST_MS));
  return { perSecond, processorUs: tookUs / count, octets };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function medians(accepts: readonly Accepts[]): Accepts {
  return {
    perSecond: median(accepts.map(({ perSecond }) => perSecond)),
    processorUs: median(accepts.map(({ processorUs }) => processorUs)),
    octets: median(accepts.map(({ octets }) => octets)),
  };
}

/**
 * Accepts with the log and without it: two services, which take turns, and other two in each round, because no two
 * processes are equally fast. `ratio` is the median of those of neighbouring turns.
 */
export async function acceptsWithAndWithoutLog(durationMs: number, rounds: number) {
  const [on, off]: [Accepts[], Accepts[]] = [[], []];
  for (let round = 0; round < rounds; round++) {
    const without = await startAccepting(["--without-log"]);
    const withLog = await startAccepting([]);
    for (let turn = 0; turn < TURNS; turn++) {
      off.push(await measureAccepts(without, durationMs));
      on.push(await measureAccepts(withLog, durationMs));
    }
    await without.stop();
    await withLog.stop();
  }
  const ratio = median(on.map(({ perSecond }, i) => perSecond / off[i]!.perSecond));
  return { on: medians(on), off: medians(off), ratio };
}

/** Octets that an unfinished poll adds to the log, when 64 of one request are gathered. */
export function octetsOfPoll(): number {
  const polls = 64;
  const entry = loggedEntry(1);
  const gathered = { ...entry, stored: new Uint8Array(40 * polls) };
  return (formatRecord(gathered).length + 2 * HASH_LENGTH) / polls;
}
