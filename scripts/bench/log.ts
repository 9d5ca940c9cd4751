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
import { acceptOnly, startMetergate } from "./service.ts";

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

/** What accepts came to, at best of several rounds. */
interface Accepts {
  readonly perSecond: number;
  /** Of the service, for each. */
  readonly processorUs: number;
  /** By which the database grew for each. */
  readonly octets: number;
}

/** Accepts with the log and without it, in turns. */
export async function acceptsWithAndWithoutLog(durationMs: number, rounds: number) {
  const measured: { with?: Accepts; without?: Accepts } = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, flags] of [
      ["without", ["--without-log"]],
      ["with", []],
    ] as const) {
      const service = await startMetergate([4059], undefined, [
        // As the command sets it for itself.
        ...["--no-parallel-scavenge", "--no-omit-default-ctors"],
        ...["--import", "./scripts/typescript.mjs"],
        ...[ACCEPT_SERVER, ...flags],
      ]);
      for (let warm = 0; warm < WARM; ) warm += (await load(service.port, 64, durationMs / 2, acceptOnly)).count;
      const file = join(service.dataDir, "metergate.db");
      const sizeOf = () => {
        const sql = new Libsql(file);
        sql.exec("pragma busy_timeout = 10000; pragma wal_checkpoint(full)");
        sql.close();
        return statSync(file).size;
      };
      const before = sizeOf();
      const [{ perSecond, count }, tookUs] = await withProcessorUs(service.process.pid, () =>
        load(service.port, 64, durationMs, acceptOnly),
      );
      const best = measured[name] ?? { perSecond: 0, processorUs: Infinity, octets: Infinity };
      measured[name] = {
        perSecond: Math.max(best.perSecond, perSecond),
        processorUs: Math.min(best.processorUs, tookUs / count),
        octets: Math.min(best.octets, (sizeOf() - before) / count),
      };
      await service.stop();
    }
  }
  return measured as Required<typeof measured>;
}

/** Octets that an unfinished poll adds to the log, when 64 of one request are gathered. */
export function octetsOfPoll(): number {
  const polls = 64;
  const entry = loggedEntry(1);
  const gathered = { ...entry, stored: new Uint8Array(40 * polls) };
  return (formatRecord(gathered).length + 2 * HASH_LENGTH) / polls;
}
