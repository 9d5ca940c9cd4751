import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { formatTable } from "../src/cli/table.ts";
import { draftLeaf, LEAF_VERSION, SALT_LENGTH } from "../src/domain/log-leaf.ts";
import { concatBytes } from "../src/lib/bytes.ts";
import type { NewLogEntry } from "../src/store/message-log.ts";
import { insertRequests } from "./bench/database.ts";
import { type Filled, openDatabase } from "./growth/databases.ts";

/**
 * What it costs to claim from a backlog, and to poll among stored results, as they grow: ratios within one run. Besides,
 * durable accepts beside raw rows, and what retention costs.
 * `npm run growth -- --database postgres --rows 1000,100000`
 */
const { values } = parseArgs({
  options: {
    database: { type: "string", default: "sqlite,postgres" },
    rows: { type: "string", default: "1000,100000" },
    scenario: { type: "string", default: "claim,poll" },
    url: { type: "string", default: "postgres://postgres@127.0.0.1:5432/test" },
  },
});

const CLAIM = 100;
/** Times before those that count, and those of which the pages are counted: the database takes its time to tell. */
const WARM_UP = 5;
const COUNTED = 2;
/** Whose requests there are, and of how many devices. */
const OURS = { organisation: "Utility", device: "'E' || (n % 1000000)" };

interface Figure {
  readonly database: string;
  readonly what: string;
  readonly rows: number;
  /** What a tenth took at most: on a machine that others use, the least disturbed measure. */
  readonly p10Ms: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time for each, of this process, in which an embedded database is, and of the server's connections. */
  readonly processorMs: number;
  /** Of the database, read and changed for each, where it counts them. */
  readonly pages: number;
}

const figures: Figure[] = [];
const rates: { database: string; clients: number; raw: number; ours: number }[] = [];
const remarks: string[] = [];
const RATE_MS = 3_000;

function newEntry(correlationUid: string, stored: Uint8Array): NewLogEntry {
  return {
    leaf: draftLeaf({
      ...{ version: LEAF_VERSION, class: "message", timeMs: Date.now(), organisation: "Utility", user: "clerk" },
      ...{ application: "ERP", service: "adhoc", operation: "GetFirmwareVersion", device: "E1", correlationUid },
      ...{ direction: "in", redactions: 0, bodyHash: "" },
    }),
    salted: concatBytes(new Uint8Array(SALT_LENGTH), stored),
  };
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

interface Measured {
  readonly rows: number;
  readonly tookMs: number[];
  /** In all. */
  readonly processorMs: number;
  readonly pages: number;
}

function note(database: string, what: string, { rows, tookMs, processorMs, pages }: Measured): void {
  const sorted = tookMs.sort((a, b) => a - b);
  const [p10Ms, p50Ms, p99Ms] = [0.1, 0.5, 0.99].map((share) => percentile(sorted, share)) as [number, number, number];
  const figure = { database, what, rows, p10Ms, p50Ms, p99Ms, pages, processorMs: processorMs / tookMs.length };
  figures.push(figure);
  console.error(`${database}, ${what}, ${rows}: ${figure.p50Ms.toFixed(2)} ms, 99 %: ${figure.p99Ms.toFixed(2)} ms`);
}

async function processorMs({ processorUs }: Filled): Promise<number> {
  const ofServerUs = await processorUs();
  const { user, system } = process.cpuUsage();
  return (user + system + ofServerUs) / 1000;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** Something whose cost is compared between databases that are filled to different lengths. */
interface Compared {
  readonly what: string;
  readonly times: number;
  fill(filled: Filled, rows: number): Promise<void>;
  /** @param measure to be called with what is compared; what is done besides is not */
  once(
    filled: Filled,
    rows: number,
    time: number,
    measure: (work: () => Promise<void>) => Promise<void>,
  ): Promise<void>;
}

/** Claims of a hundred from a line that is refilled to its length; what was claimed ends. */
const CLAIM_OF_MANY: Compared = {
  what: `claim of ${CLAIM}`,
  times: 40,
  async fill(filled, rows) {
    await insertRequests(filled, rows, { ...OURS, state: "waiting", prefix: "w" });
    await filled.settle();
  },
  async once(filled, _rows, time, measure) {
    const { store } = filled;
    let requests: Awaited<ReturnType<typeof store.requests.claim>>["requests"] = [];
    await measure(async () => {
      ({ requests } = await store.requests.claim({ worker: "w", leaseMs: 60_000, limit: CLAIM }));
    });
    const end = { to: "succeeded", outcomes: [{ ok: true, result: {} }] } as const;
    await Promise.all(requests.map(({ id, attempt }) => store.requests.settle({ id, attempt, state: "running" }, end)));
    await insertRequests(filled, requests.length, { ...OURS, state: "waiting", prefix: `w${time}-` });
  },
};

/** What a poll reads: how a request stands, and what its action ended with. */
const POLL: Compared = {
  what: "poll",
  times: 2_000,
  async fill(filled, rows) {
    await insertRequests(filled, rows, { ...OURS, state: "succeeded", prefix: "s" });
    await filled.settle();
  },
  once: ({ store }, rows, _time, measure) =>
    measure(async () => {
      const request = await store.requests.summary(`s${Math.floor(Math.random() * rows)}`);
      await store.requests.outcomes(request!.id, 0);
    }),
};

/** Fills a database for each number of rows and has them take turns: whatever else the machine does hurts all alike. */
async function compare(kind: "sqlite" | "postgres", compared: Compared, sizes: readonly number[]): Promise<void> {
  const databases: { filled: Filled; rows: number; pages: number; processorMs: number; tookMs: number[] }[] = [];
  const { what, times, fill, once } = compared;
  try {
    for (const rows of sizes) {
      const filled = await openDatabase(kind, values.url);
      databases.push({ filled, rows, pages: 0, processorMs: 0, tookMs: [] });
      const tookMs = await timed(() => fill(filled, rows));
      console.error(`${kind}, ${what}: ${rows} rows after ${(tookMs / 1000).toFixed(0)} s`);
    }
    for (const each of databases) {
      const { filled, rows } = each;
      for (let i = 0; i < WARM_UP; i++) await once(filled, rows, i, (work) => work());
      for (let i = 0; i < COUNTED; i++) {
        await once(filled, rows, WARM_UP + i, async (work) => {
          each.pages += (await filled.pagesOf(work)) / COUNTED;
        });
      }
    }
    for (let i = 0; i < times; i++) {
      for (const each of databases) {
        await once(each.filled, each.rows, WARM_UP + COUNTED + i, async (work) => {
          const beforeMs = await processorMs(each.filled);
          each.tookMs.push(await timed(work));
          each.processorMs += (await processorMs(each.filled)) - beforeMs;
        });
      }
    }
    for (const each of databases) note(kind, what, each);
  } finally {
    for (const { filled } of databases) await filled.close();
  }
}

/** How often in a second something is done by so many at the same time. */
async function rateOf(clients: number, work: () => Promise<unknown>): Promise<number> {
  let count = 0;
  const startMs = performance.now();
  const endMs = startMs + RATE_MS;
  const client = async () => {
    for (; performance.now() < endMs; count++) await work();
  };
  await Promise.all(Array.from({ length: clients }, client));
  return count / ((performance.now() - startMs) / 1000);
}

/** Accepts with a message id and an entry of the log each, beside what the database does with one row. */
async function accepts(name: string, filled: Filled): Promise<void> {
  let n = 0;
  const stored = new Uint8Array(1_000);
  const accept = () => {
    const uid = `a${n++}`;
    return filled.store.requests.accept({
      request: {
        ...{ correlationUid: uid, operation: "GetFirmwareVersion", device: uid, routeDevice: uid, family: "dlms" },
        ...{ caller: { organisation: "Utility", userName: "clerk", applicationName: "ERP" }, writes: false },
        ...{ actions: [{ operation: "GetFirmwareVersion", request: {} }], acceptedMs: Date.now() },
        scheduling: { priority: 4, bypassRetry: false },
      },
      message: { id: uid, bodySha256: "00" },
      entries: [newEntry(uid, stored), newEntry(uid, stored)],
    });
  };
  for (const clients of [1, 16, 64]) {
    const [raw, ours] = [await rateOf(clients, filled.insertRaw), await rateOf(clients, accept)];
    rates.push({ database: name, clients, raw, ours });
    console.error(`${name}, ${clients} clients: ${raw.toFixed(0)} raw rows/s, ${ours.toFixed(0)} durable accepts/s`);
  }
}

/** Rows that retention deletes at a time. */
const PURGED = 500;
const LONG_AGO = { finished: 2_000, accepted: 1_000 };

/** What retention costs, and whether what comes afterwards finds the room that it left. */
async function purges(name: string, filled: Filled, rows: number): Promise<void> {
  const fill = async (prefix: string) => {
    await insertRequests(filled, rows, { ...OURS, state: "succeeded", prefix });
    await filled.run(
      `insert into request_attempt (request_id, attempt, worker, claimed_ms, ended_ms, ending)
       select id, 1, 'w', 1500, ${LONG_AGO.finished}, 'succeeded' from request`,
    );
    await filled.run(
      `insert into request_message_id (organisation, message_id, body_sha256, correlation_uid, accepted_ms)
       select organisation, 'urn:uuid:' || correlation_uid, '${"0".repeat(64)}', correlation_uid, ${LONG_AGO.accepted}
       from request`,
    );
    await filled.settle();
  };
  await fill("first");
  const beforeMb = await filled.sizeMb();
  const tookMs: number[] = [];
  const beforeMs = await processorMs(filled);
  const pages = await filled.pagesOf(async () => {
    for (let more = true; more; ) {
      const once = async () => ({ more } = await filled.store.requests.purge(LONG_AGO.finished + 1, PURGED));
      tookMs.push(await timed(once));
    }
  });
  const purgedMs = (await processorMs(filled)) - beforeMs;
  const inAllMs = tookMs.reduce((sum, each) => sum + each, 0);
  const vacuumMs = await timed(() => filled.settle());
  await fill("second");
  note(name, `purge of ${PURGED}`, { rows, tookMs, processorMs: purgedMs, pages: pages / tookMs.length });
  const sizes = `${beforeMb.toFixed(0)} MB before, ${(await filled.sizeMb()).toFixed(0)} MB when filled again`;
  const rate = `${((rows / inAllMs) * 1000).toFixed(0)} requests/s purged`;
  remarks.push(`${name}, ${rows} rows: ${rate}, vacuum ${(vacuumMs / 1000).toFixed(1)} s; ${sizes}`);
}

const COMPARED: Readonly<Record<string, Compared>> = { claim: CLAIM_OF_MANY, poll: POLL };

for (const kind of values.database.split(",") as ("sqlite" | "postgres")[]) {
  const sizes = values.rows.split(",").map(Number);
  for (const scenario of values.scenario.split(",")) {
    const compared = COMPARED[scenario];
    if (compared) {
      await compare(kind, compared, sizes);
      continue;
    }
    const filled = await openDatabase(kind, values.url);
    try {
      if (scenario === "accept") await accepts(kind, filled);
      else if (scenario === "purge") await purges(kind, filled, sizes.at(-1)!);
      else throw new RangeError(`no scenario is called ${scenario}; there are claim, poll, accept, purge`);
    } finally {
      await filled.close();
    }
  }
}
const [cpu] = cpus();
const machine = { cpu: cpu?.model, cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30) };
const TIMES = ["p50Ms", "p99Ms", "processorMs"] as const;
/** What it took, and that to the first of its kind. */
const beside = (figure: Figure) => {
  const base = figures.find(({ database, what }) => database === figure.database && what === figure.what)!;
  return TIMES.map((name) => `${figure[name].toFixed(2)} ms (${(figure[name] / base[name]).toFixed(2)} ×)`);
};
console.log(
  formatTable([
    ["database", "what", "rows", "10 %", "median", "99 %", "processor time", "pages"],
    ...figures.map((each) => [
      ...[each.database, each.what, String(each.rows), `${each.p10Ms.toFixed(2)} ms`, ...beside(each)],
      Number.isNaN(each.pages) ? "" : each.pages.toFixed(0),
    ]),
  ]),
);
if (rates.length > 0) {
  console.log(
    formatTable([
      ["database", "clients", "raw rows/s", "durable accepts/s", "ratio"],
      ...rates.map(({ database, clients, raw, ours }) => [
        ...[database, String(clients), raw.toFixed(0), ours.toFixed(0), `${(ours / raw).toFixed(2)} ×`],
      ]),
    ]),
  );
}
for (const remark of remarks) console.log(remark);
console.log(JSON.stringify({ machine: { ...machine, node: process.version }, figures, rates, remarks }));
