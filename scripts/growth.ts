import { cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { formatTable } from "../src/cli/table.ts";
import { type Filled, insertRequests, openDatabase } from "./growth/databases.ts";

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
const POLLS = 2_000;
const DEVICES = 1_000_000;

interface Figure {
  readonly database: string;
  readonly what: string;
  readonly rows: number;
  /** What a tenth took at most: on a machine that others use, the least disturbed measure. */
  readonly p10Ms: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

const figures: Figure[] = [];

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
}

function note(database: string, what: string, rows: number, tookMs: number[]): void {
  const sorted = tookMs.sort((a, b) => a - b);
  const [p10Ms, p50Ms, p99Ms] = [0.1, 0.5, 0.99].map((share) => percentile(sorted, share)) as [number, number, number];
  const figure = { database, what, rows, p10Ms, p50Ms, p99Ms };
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
  await insertRequests(filled, rows, { state: "waiting", prefix: `w${rows}-`, devices: DEVICES });
  await filled.run("analyze");
  const tookMs: number[] = [];
  for (let i = 0; i < CLAIMS + 5; i++) {
    let requests: Awaited<ReturnType<typeof store.requests.claim>>["requests"] = [];
    const ms = await timed(async () => {
      ({ requests } = await store.requests.claim({ worker: "w", leaseMs: 60_000, limit: CLAIM }));
    });
    if (i >= 5) tookMs.push(ms);
    await Promise.all(
      requests.map(({ id, attempt }) =>
        store.requests.settle(
          { id, attempt, state: "running" },
          { to: "succeeded", outcomes: [{ ok: true, result: {} }] },
        ),
      ),
    );
    // The short line is as long for each claim.
    await insertRequests(filled, requests.length, {
      ...{ state: "waiting", prefix: `w${rows}-${i}-`, devices: DEVICES },
    });
  }
  note(name, `claim of ${CLAIM}`, rows, tookMs);
}

/** What a poll reads: how a request stands, and what its action ended with. */
async function polls(name: string, filled: Filled, rows: number): Promise<void> {
  const { store } = filled;
  await insertRequests(filled, rows, { state: "succeeded", prefix: "s", devices: DEVICES });
  await filled.run("analyze");
  const tookMs: number[] = [];
  for (let i = 0; i < POLLS + 200; i++) {
    const uid = `s${Math.floor(Math.random() * rows)}`;
    const ms = await timed(async () => {
      const request = await store.requests.summary(uid);
      await store.requests.outcomes(request!.id, 0);
    });
    if (i >= 200) tookMs.push(ms);
  }
  note(name, "poll", rows, tookMs);
}

const SCENARIOS: Readonly<Record<string, typeof claims>> = { claim: claims, poll: polls };

for (const kind of values.database.split(",") as ("sqlite" | "postgres")[]) {
  for (const rows of values.rows.split(",").map(Number)) {
    for (const scenario of values.scenario.split(",")) {
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
    ["database", "what", "rows", "10 %", "median", "99 %", "10 % to the first"],
    ...figures.map((each) => [
      ...[each.database, each.what, String(each.rows)],
      ...[`${each.p10Ms.toFixed(2)} ms`, `${each.p50Ms.toFixed(2)} ms`, `${each.p99Ms.toFixed(2)} ms`, ratio(each)],
    ]),
  ]),
);
console.log(JSON.stringify({ machine: { ...machine, node: process.version }, figures }));
