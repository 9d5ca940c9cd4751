import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { XmlDocument } from "libxml2-wasm";
import { formatTable } from "../src/cli/table.ts";
import { validate } from "../src/contract/schema.ts";
import { serveMeters, urgentUnderBacklog } from "./bench/backlog.ts";
import { type Server, startServer, withProcessorUs } from "./bench/child.ts";
import { canHoldToCores } from "./bench/cores.ts";
import { newPostgres } from "./bench/database.ts";
import { cipheredGetsPerSecond } from "./bench/dlms-library.ts";
import { load, postRequest } from "./bench/load.ts";
import { acceptsWithAndWithoutLog, entriesVerifiedPerSecond, octetsOfPoll, proofMs } from "./bench/log.ts";
import { nodesAccepting } from "./bench/nodes.ts";
import { profileValuesPerSecond } from "./bench/profile.ts";
import {
  acceptOnly,
  bundleOfReads,
  endToEnd,
  memoryMb,
  ONE_READ,
  PATH,
  readWsdl,
  SAMPLE,
  startMetergate,
  startMeters,
} from "./bench/service.ts";
import { ciphered, sessionsPerSecond } from "./bench/sessions.ts";

/** Every figure is measured over so long, after a warm-up. */
const DURATION_MS = 2_000;
const CLIENTS = [1, 16, 64];
const METERS = 100;
/** Actions of a bundle. */
const READS = 40;
/** Meters that are asked at the same time. */
const ASSOCIATIONS = 16;

const { values } = parseArgs({
  options: {
    scenario: { type: "string", default: "accepts,log,parse,profiles,meters,bundles" },
    /** Of the scenario `fleet`. */
    meters: { type: "string", default: "100,1000,10000" },
    /** Of the scenario `urgent`. */
    backlog: { type: "string", default: "100000" },
    /** Of the scenario `nodes`. */
    url: { type: "string", default: "postgres://postgres@127.0.0.1:5432/test" },
  },
});

interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** To the same measurement of something else in this run, or to what is to be reached. */
  readonly ratio?: string;
}

const figures: Figure[] = [];
const note = (what: string, value: number, unit: string, ratio?: string) => {
  figures.push({ what, value, unit, ...(ratio && { ratio }) });
  console.error(`${what}: ${value.toFixed(0)} ${unit}`);
};
const script = (name: string) => fileURLToPath(new URL(`./bench/${name}`, import.meta.url));
const times = (value: number, base: number) => `${(value / base).toFixed(2)} ×`;

interface Measured {
  readonly perSecond: number;
  /** Of the server, for each request. */
  readonly processorUs: number;
}

async function measureServer(server: Server, port: number, request: () => Buffer): Promise<Measured[]> {
  await load(port, 64, DURATION_MS, request);
  const results: Measured[] = [];
  for (const clients of CLIENTS) {
    const [{ perSecond, count }, tookUs] = await withProcessorUs(server.process.pid, () =>
      load(port, clients, DURATION_MS, request),
    );
    results.push({ perSecond, processorUs: tookUs / count });
  }
  return results;
}

const processor = (us: number) => `${us.toFixed(0)} µs of processor time each`;

/** How long somebody waits for a document while everybody else sends messages. */
async function wsdlUnderLoad(port: number): Promise<void> {
  const [{ p99Ms }] = await Promise.all([
    load(port, 1, DURATION_MS, readWsdl),
    load(port, 64, DURATION_MS, acceptOnly),
  ]);
  note("?wsdl under full load, 99th percentile", p99Ms, "ms", "limit 50");
}

async function accepts(): Promise<void> {
  const sample = postRequest(PATH, SAMPLE);
  const plain = () => sample;
  const bases: Record<string, Measured[]> = {};
  for (const [name, file] of [
    ["bare node:http", "bare-http-server.ts"],
    ["bare soap server", "soap-server.ts"],
  ] as const) {
    const server = await startServer(["--import", "./scripts/typescript.mjs", script(file)], /^port (\d+)/);
    bases[name] = await measureServer(server, Number(server.matched), plain);
    await server.stop();
  }
  const service = await startMetergate([4059]);
  note("start to ready", service.readyMs, "ms", `limit 1000`);
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  const idle = memoryMb(service.process.pid);
  if (idle) note("idle memory", idle.now, "MB", "limit 150");
  const ours = await measureServer(service, service.port, acceptOnly);
  await wsdlUnderLoad(service.port);
  await service.stop();
  for (const [i, clients] of CLIENTS.entries()) {
    for (const [name, values] of Object.entries(bases)) {
      note(`${name}, ${clients} clients`, values[i]!.perSecond, "/s", processor(values[i]!.processorUs));
    }
    const { perSecond, processorUs } = ours[i]!;
    const ratio = times(perSecond, bases["bare soap server"]![i]!.perSecond);
    note(
      `durable accepts, ${clients} clients`,
      perSecond,
      "/s",
      `${processor(processorUs)}; ${ratio} bare soap server`,
    );
  }
}

function parseAndValidate(): void {
  const octets = Buffer.from(SAMPLE);
  const once = () => {
    const document = XmlDocument.fromBuffer(octets);
    const body = document.get("/*/*[2]/*");
    if (body) validate(body as Parameters<typeof validate>[0]);
    document.dispose();
  };
  for (let i = 0; i < 2_000; i++) once();
  let count = 0;
  const startMs = performance.now();
  for (; performance.now() - startMs < DURATION_MS; count++) once();
  note("parse and validate", count / ((performance.now() - startMs) / 1000), "/s");
}

async function meters(): Promise<void> {
  const gets = cipheredGetsPerSecond(DURATION_MS);
  note("ciphered GETs through the library", gets, "/s", `${times(gets, 10_000)} of 10,000`);
  const fleet = await startMeters(METERS);
  const { ports } = fleet;
  await ciphered(ports.slice(0, ASSOCIATIONS), DURATION_MS / 2);
  const overTcp = await ciphered(ports.slice(0, ASSOCIATIONS), DURATION_MS);
  note(
    `ciphered GETs over loopback TCP, ${ASSOCIATIONS} associations`,
    overTcp.perSecond,
    "/s",
    `client: ${processor(overTcp.processorUs)}; limit 30`,
  );
  const sessions = await sessionsPerSecond(ports.slice(0, 8), DURATION_MS);
  note("sessions (associate, GET, release)", sessions, "/s", `${times(sessions, 700)} of 700`);
  await fleet.stop();
  const fresh = await startMeters(METERS);
  const { perSecond, processorUs } = await endToEnd(fresh.ports, DURATION_MS);
  note(`requests end to end on ${METERS} meters`, perSecond, "/s", `${processor(processorUs)}; limit 1000`);
  await fresh.stop();
}

/** Periodic reads of a day and of a month without the meter: 96 and 2976 entries of four values. */
async function profiles(): Promise<void> {
  for (const [what, rows] of [
    ["a day", 96],
    ["a month", 31 * 96],
  ] as const) {
    const values = await profileValuesPerSecond(rows, DURATION_MS);
    note(
      `profile values from octets to XML, ${what}`,
      values,
      "/s of processor time",
      `${times(values, 1_000_000)} of 1,000,000`,
    );
  }
}

/** What an association costs that many reads share. */
async function bundles(): Promise<void> {
  const fleet = await startMeters(METERS);
  const { ports } = fleet;
  const one = await endToEnd(ports, DURATION_MS, ONE_READ);
  note("reads end to end, one a request", one.perSecond, "/s", processor(one.processorUs));
  const bundle = await endToEnd(ports, DURATION_MS, bundleOfReads(READS));
  const [reads, processorUs] = [bundle.perSecond * READS, bundle.processorUs / READS];
  const text = `${processor(processorUs)} a read; ${times(reads, one.perSecond)} one a request`;
  note(`reads end to end, ${READS} a bundle`, reads, "/s", text);
  await fleet.stop();
}

/** What the message log costs, and how fast it is verified. */
async function log(): Promise<void> {
  const { on, off, ratio } = await acceptsWithAndWithoutLog(DURATION_MS, 3);
  note("durable accepts with the log off", off.perSecond, "/s", processor(off.processorUs));
  const text = `${processor(on.processorUs)}; ${times(ratio, 1)} of log off; limit 0.95`;
  note("durable accepts with the log on", on.perSecond, "/s", text);
  note("growth of the log", on.octets - off.octets, "octets a request");
  note("growth of the log by an unfinished poll", octetsOfPoll(), "octets");
  const verified = await entriesVerifiedPerSecond(400_000);
  note("entries of the log verified", verified, "/s", `${times(verified, 200_000)} of 200,000`);
  note("proof for one of 10 million entries", await proofMs(), "ms", "limit 50");
}

/** Requests of each meter, by the number of meters: enough of them that it takes a while. */
const ROUNDS: Readonly<Record<number, number>> = { 100: 20, 1000: 5, 10000: 2 };
const ROUND_TRIP_MS = 200;

/** What one worker makes of many meters that take their time: it should be as fast as its processor, whatever they take. */
async function fleet(): Promise<void> {
  for (const meters of values.meters.split(",").map(Number)) {
    const rounds = ROUNDS[meters] ?? 5;
    for (const roundTripMs of [0, ROUND_TRIP_MS]) {
      const served = await serveMeters({ meters, rounds, roundTripMs });
      const memory = `${served.idleMb.toFixed(0)} MB idle, ${served.mostMb.toFixed(0)} MB at most`;
      const perMeterKb = ((served.mostMb - served.idleMb) * 1024) / meters;
      const ratio = [
        processor(served.processorUs),
        `${(served.busy * 100).toFixed(0)} % of a core wanted`,
        `${memory}: ${perMeterKb.toFixed(0)} kB a meter`,
      ].join("; ");
      note(`requests of ${meters} meters that take ${roundTripMs} ms for each answer`, served.perSecond, "/s", ratio);
    }
  }
}

/** What a backlog means for those that are in a hurry. */
async function urgent(): Promise<void> {
  const [meters, backlog] = [1_000, Number(values.backlog)];
  const without = await urgentUnderBacklog(0, meters, ROUND_TRIP_MS);
  note("request of priority 9, nothing waits", without.medianMs, "ms", `longest ${without.mostMs.toFixed(0)} ms`);
  const { medianMs, mostMs, waiting } = await urgentUnderBacklog(backlog, meters, ROUND_TRIP_MS);
  const ratio = `${times(medianMs, without.medianMs)} nothing waits; longest ${mostMs.toFixed(0)} ms`;
  note(`request of priority 9, ${waiting} others still wait`, medianMs, "ms", ratio);
}

/** Of what each node has of a core, where the machine has too few of them for all. */
const CORES_EACH = 0.1;

/** What several nodes do over one database that one does not. */
async function nodes(): Promise<void> {
  const first: Record<string, number> = {};
  const tell = (what: string, count: number, each: { perSecond: number; processorUs: number; databaseUs: number }) => {
    first[what] ??= each.perSecond;
    const { perSecond, processorUs, databaseUs } = each;
    const took = `${processor(processorUs)} and ${databaseUs.toFixed(0)} of the database's`;
    note(`${what}, nodes: ${count}`, perSecond, "/s", `${times(perSecond, first[what])} one node; ${took}`);
  };
  const on = async <T>(work: (database: Awaited<ReturnType<typeof newPostgres>>) => Promise<T>): Promise<T> => {
    const database = await newPostgres(values.url);
    return work(database).finally(() => database.close());
  };
  for (const count of [1, 2, 4]) {
    tell("durable accepts on PostgreSQL", count, await on((db) => nodesAccepting(count, DURATION_MS, db)));
    if (canHoldToCores) {
      const held = await on((db) => nodesAccepting(count, 3 * DURATION_MS, db, CORES_EACH));
      tell(`the same with ${CORES_EACH} of a core for each node`, count, held);
    }
    const work = { meters: 400, rounds: 10, roundTripMs: ROUND_TRIP_MS, workers: count, places: 400 / count };
    tell("requests of 400 meters", count, await on((database) => serveMeters({ ...work, database })));
  }
}

const SCENARIOS: Readonly<Record<string, () => void | Promise<void>>> = {
  ...{ accepts, log, parse: parseAndValidate, profiles, meters, bundles },
  ...{ fleet, urgent, nodes },
};

for (const name of values.scenario.split(",")) {
  const scenario = SCENARIOS[name];
  if (!scenario) throw new RangeError(`no scenario is called ${name}; there are ${Object.keys(SCENARIOS).join(", ")}`);
  await scenario();
}
const [cpu] = cpus();
const machine = {
  cpu: cpu?.model,
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 2 ** 30),
  node: process.version,
};
console.log(
  formatTable([
    ["what", "value", "", "ratio"],
    ...figures.map(({ what, value, unit, ratio }) => [what, value.toFixed(value < 10 ? 1 : 0), unit, ratio ?? ""]),
  ]),
);
console.log(JSON.stringify({ machine, figures }));
