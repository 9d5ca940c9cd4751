import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { formatTable } from "../src/cli/table.ts";
import { draftLeaf, LEAF_VERSION, SALT_LENGTH } from "../src/domain/log-leaf.ts";
import { concatBytes } from "../src/lib/bytes.ts";
import type { NewLogEntry } from "../src/store/message-log.ts";
import { insertRequests } from "./bench/database.ts";
import { type Filled, openDatabase } from "./growth/databases.ts";

/**
 * What it costs to claim from a backlog, and to poll among stored results, as they grow: ratios within one run.
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
const CLAIMS = 40;
/** Claims before those whose time counts. */
const WARM_UP = 5;
const POLLS = 2_000;
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

function note(database: string, what: string, rows: number, tookMs: number[], pages: number): void {
  const sorted = tookMs.sort((a, b) => a - b);
  const [p10Ms, p50Ms, p99Ms] = [0.1, 0.5, 0.99].map((share) => percentile(sorted, share)) as [number, number, number];
  const figure = { database, what, rows, p10Ms, p50Ms, p99Ms, pages };
  figures.push(figure);
  console.error(`${database}, ${what}, ${rows}: ${figure.p50Ms.toFixed(2)} ms, 99 %: ${figure.p99Ms.toFixed(2)} ms`);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

/** Claims of a hundred and their ends, from a line that is refilled to its length. */
async function claims(name: string, filled: Filled, rows: number): Promise<void> {
  const { store } = filled;
  await insertRequests(filled, rows, { ...OURS, state: "waiting", prefix: `w${rows}-` });
  await filled.settle();
  const tookMs: number[] = [];
  let pages = 0;
  for (let i = 0; i < CLAIMS + WARM_UP; i++) {
    let requests: Awaited<ReturnType<typeof store.requests.claim>>["requests"] = [];
    // A few are counted: the database takes its time to tell.
    const isCounted = i < WARM_UP;
    const before = isCounted ? await filled.pages() : 0;
    const ms = await timed(async () => {
      ({ requests } = await store.requests.claim({ worker: "w", leaseMs: 60_000, limit: CLAIM }));
    });
    if (isCounted) pages += ((await filled.pages()) - before) / WARM_UP;
    else tookMs.push(ms);
    await Promise.all(
      requests.map(({ id, attempt }) =>
        store.requests.settle(
          { id, attempt, state: "running" },
          { to: "succeeded", outcomes: [{ ok: true, result: {} }] },
        ),
      ),
    );
    // The short line is as long for each claim.
    await insertRequests(filled, requests.length, { ...OURS, state: "waiting", prefix: `w${rows}-${i}-` });
  }
  note(name, `claim of ${CLAIM}`, rows, tookMs, pages);
}

/** What a poll reads: how a request stands, and what its action ended with. */
async function polls(name: string, filled: Filled, rows: number): Promise<void> {
  const { store } = filled;
  await insertRequests(filled, rows, { ...OURS, state: "succeeded", prefix: "s" });
  await filled.settle();
  const poll = async () => {
    const request = await store.requests.summary(`s${Math.floor(Math.random() * rows)}`);
    await store.requests.outcomes(request!.id, 0);
  };
  const before = await filled.pages();
  for (let i = 0; i < POLLS / 10; i++) await poll();
  const pages = ((await filled.pages()) - before) / (POLLS / 10);
  const tookMs: number[] = [];
  for (let i = 0; i < POLLS; i++) tookMs.push(await timed(poll));
  note(name, "poll", rows, tookMs, pages);
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
  const before = { pages: await filled.pages(), mb: await filled.sizeMb() };
  const tookMs: number[] = [];
  for (let more = true; more; ) {
    tookMs.push(await timed(async () => ({ more } = await filled.store.requests.purge(LONG_AGO.finished + 1, PURGED))));
  }
  const pages = ((await filled.pages()) - before.pages) / tookMs.length;
  const inAllMs = tookMs.reduce((sum, each) => sum + each, 0);
  const vacuumMs = await timed(() => filled.settle());
  await fill("second");
  note(name, `purge of ${PURGED}`, rows, tookMs, pages);
  const sizes = `${before.mb.toFixed(0)} MB before, ${(await filled.sizeMb()).toFixed(0)} MB when filled again`;
  const rate = `${((rows / inAllMs) * 1000).toFixed(0)} requests/s purged`;
  remarks.push(`${name}, ${rows} rows: ${rate}, vacuum ${(vacuumMs / 1000).toFixed(1)} s; ${sizes}`);
}

const SCENARIOS: Readonly<Record<string, typeof claims>> = {
  claim: claims,
  poll: polls,
  accept: accepts,
  purge: purges,
};

for (const kind of values.database.split(",") as ("sqlite" | "postgres")[]) {
  for (const rows of values.rows.split(",").map(Number)) {
    for (const scenario of values.scenario.split(",")) {
      // What is done beside others does not depend on how much there is.
      if (scenario === "accept" && rows !== Number(values.rows.split(",")[0])) continue;
      const filled = await openDatabase(kind, values.url);
      try {
        await SCENARIOS[scenario]!(kind, filled, rows);
      } finally {
        await filled.close();
      }
    }
  }
}
const [cpu] = cpus();
const machine = { cpu: cpu?.model, cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30) };
const ratio = ({ database, what, p10Ms }: Figure) => {
  const base = figures.find((each) => each.database === database && each.what === what)!;
  return `${(p10Ms / base.p10Ms).toFixed(2)} ×`;
};
console.log(
  formatTable([
    ["database", "what", "rows", "10 %", "median", "99 %", "10 % to the first", "pages"],
    ...figures.map((each) => [
      ...[each.database, each.what, String(each.rows)],
      ...[`${each.p10Ms.toFixed(2)} ms`, `${each.p50Ms.toFixed(2)} ms`, `${each.p99Ms.toFixed(2)} ms`, ratio(each)],
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
