import { cpus, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { XmlDocument } from "libxml2-wasm";
import { formatTable } from "../src/cli/table.ts";
import { loadSchemas, validate } from "../src/contract/schema.ts";
import { type Server, startServer, withProcessorUs } from "./bench/child.ts";
import { cipheredGetsPerSecond } from "./bench/dlms-library.ts";
import { load, postRequest } from "./bench/load.ts";
import { acceptsWithAndWithoutLog, entriesVerifiedPerSecond, octetsOfPoll, proofMs } from "./bench/log.ts";
import { profileValuesPerSecond } from "./bench/profile.ts";
import {
  acceptOnly,
  bundleOfReads,
  endToEnd,
  ONE_READ,
  PATH,
  readWsdl,
  residentMb,
  SAMPLE,
  startMetergate,
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
  const idle = residentMb(service.process.pid ?? 0);
  if (idle !== undefined) note("idle memory", idle, "MB", "limit 150");
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
  loadSchemas();
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
  const fleet = await startServer(
    ["--import", "./scripts/typescript.mjs", script("meters.ts"), String(METERS)],
    /^ports (.*)/,
  );
  const ports: number[] = JSON.parse(fleet.matched);
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
  const fresh = await startServer(
    ["--import", "./scripts/typescript.mjs", script("meters.ts"), String(METERS)],
    /^ports (.*)/,
  );
  const { perSecond, processorUs } = await endToEnd(JSON.parse(fresh.matched), DURATION_MS);
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
  const fleet = await startServer(
    ["--import", "./scripts/typescript.mjs", script("meters.ts"), String(METERS)],
    /^ports (.*)/,
  );
  const ports: number[] = JSON.parse(fleet.matched);
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
  const accepted = await acceptsWithAndWithoutLog(DURATION_MS, 2);
  note("durable accepts with the log off", accepted.without, "/s");
  note(
    "durable accepts with the log on",
    accepted.with,
    "/s",
    `${times(accepted.with, accepted.without)} of log off; limit 0.95`,
  );
  note("growth of the log", accepted.octetsWith - accepted.octetsWithout, "octets a request");
  note("growth of the log by an unfinished poll", octetsOfPoll(), "octets");
  const verified = await entriesVerifiedPerSecond(100_000);
  note("entries of the log verified", verified, "/s", `${times(verified, 200_000)} of 200,000`);
  note("proof for one of 10 million entries", await proofMs(), "ms", "limit 50");
}

await accepts();
await log();
parseAndValidate();
await profiles();
await meters();
await bundles();
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
