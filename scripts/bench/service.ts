import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Libsql from "libsql";
import { toHex } from "../../src/lib/bytes.ts";
import { DEFAULT_METER_KEYS } from "../../src/simulators/dlms/meter-keys.ts";
import { type Server, startServer, withProcessorUs } from "./child.ts";
import { getRequest, load, postRequest } from "./load.ts";
import { logicalDeviceOf, meterName } from "./sessions.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
export const PATH = "/osgp-adapter-ws-smartmetering/smartMetering/configurationService/";
export const SAMPLE = readFileSync(new URL("../../samples/GetFirmwareVersion.xml", import.meta.url), "utf8");
/** Whose the meters are. */
export const ORGANISATION = "test-org";
const SAMPLE_DEVICE = "TEST1024000000001";
/** Year 2100: accepted now, run never. */
const LATER = "<com:ScheduleTime>4102444800000</com:ScheduleTime></soapenv:Header>";

/** Flags of Node for the service that is measured, e.g. `--cpu-prof --cpu-prof-dir=/tmp/profile`. */
const NODE_FLAGS = process.env.BENCH_NODE_FLAGS?.split(" ") ?? [];

/** What a build, which may be an older one, tells of its settings. */
function settingsOf(main: string): string {
  return execFileSync(process.execPath, [main, "--help"], { encoding: "utf8" });
}

/** Simulated meters in a process of their own. */
export async function startMeters(count: number, roundTripMs = 0): Promise<{ ports: number[]; stop(): Promise<void> }> {
  const script = fileURLToPath(new URL("./meters.ts", import.meta.url));
  const args = ["--import", "./scripts/typescript.mjs", script, String(count), String(roundTripMs)];
  const { matched, stop } = await startServer(args, /^ports (.*)/);
  return { ports: JSON.parse(matched), stop };
}

/** A data directory, and a database, that know the meters; services are yet to be started. */
export interface Prepared {
  readonly dataDir: string;
  readonly env: NodeJS.ProcessEnv;
  remove(): void;
}

/**
 * Data directories that are not needed any more. They go at the end: for seconds after files were deleted, ext4 goes
 * round what they leave, and whatever makes files next is slower.
 */
const done: string[] = [];
process.once("exit", () => {
  for (const dataDir of done) rmSync(dataDir, { recursive: true, force: true });
});

/**
 * Makes a data directory that knows meters at the given ports.
 * @param databaseUrl of an empty database on a server; a file in the directory when absent
 * @param main of the build that is to be measured
 */
export function prepare(ports: readonly number[], databaseUrl?: string, main = MAIN): Prepared {
  const dataDir = mkdtempSync(join(tmpdir(), "metergate-bench-"));
  const env = {
    METERGATE_DATA_DIR: dataDir,
    METERGATE_PORT: "0",
    ...(databaseUrl !== undefined && { METERGATE_DATABASE_URL: databaseUrl }),
    ...(settingsOf(main).includes("METERGATE_PLAIN_HTTP") && { METERGATE_PLAIN_HTTP: "true" }),
    METERGATE_ALARMS_ENABLED: "false",
    METERGATE_LOG_LEVEL: "error",
  };
  const devices = ports.map((port, i) => ({
    ...{ identification: meterName(i), protocol: { name: "SMR", version: "5.0.0" }, host: "127.0.0.1", port },
    ...{ logicalDevice: logicalDeviceOf(i), hls5Active: true, owner: ORGANISATION },
    keys: {
      E_METER_AUTHENTICATION_KEY: toHex(DEFAULT_METER_KEYS.authentication),
      E_METER_ENCRYPTION_KEY_UNICAST: toHex(DEFAULT_METER_KEYS.encryptionUnicast),
    },
  }));
  const file = join(dataDir, "devices.json");
  writeFileSync(file, JSON.stringify({ organisations: [{ identification: ORGANISATION }], devices }));
  execFileSync(process.execPath, [main, "devices", "import", file], { env: { ...process.env, ...env } });
  return { dataDir, env, remove: () => void done.push(dataDir) };
}

/** A node of the service, with its database as `prepare` made it. */
export async function startNode({ env }: Pick<Prepared, "env">, args: readonly string[] = [MAIN, "serve"]) {
  const server = await startServer([...NODE_FLAGS, ...args], /^(http.*)/, env);
  return { ...server, port: Number(new URL(server.matched).port) };
}

/** A process that only works on requests. */
export function startWorker({ env }: Pick<Prepared, "env">): Promise<Server> {
  return startServer([...NODE_FLAGS, MAIN, "serve", "--role", "worker"], /^(ready)$/, env);
}

/**
 * A service on a fresh data directory that knows meters at the given ports.
 * @param main of the build that is to be measured
 * @param args of Node: what is started, when it is not the build itself
 */
export async function startMetergate(ports: readonly number[], main = MAIN, args: readonly string[] = [main, "serve"]) {
  const prepared = prepare(ports, undefined, main);
  const node = await startNode(prepared, args);
  return {
    ...node,
    dataDir: prepared.dataDir,
    stop: async () => {
      await node.stop();
      prepared.remove();
    },
  };
}

const ACCEPT_ONLY = postRequest(PATH, SAMPLE.replace(SAMPLE_DEVICE, meterName(0)).replace("</soapenv:Header>", LATER));

/** A request that is accepted and left lying. */
export const acceptOnly = () => ACCEPT_ONLY;

/** Asks for the description of a service, which should be there at once however busy the service is. */
export const readWsdl = () => getRequest(`${PATH}?wsdl`);

/** A request document, and the device in it, in whose place one of the meters is put. */
export interface Asked {
  readonly path: string;
  readonly document: string;
  readonly device: string;
}

const sampleText = (name: string) => readFileSync(new URL(`../../samples/${name}.xml`, import.meta.url), "utf8");

/** The sample that is measured most: association, a read for each module, release. */
export const FIRMWARE: Asked = { path: PATH, document: SAMPLE, device: SAMPLE_DEVICE };

/** One read of one attribute. */
export const ONE_READ: Asked = {
  path: PATH.replace("configuration", "adhoc"),
  document: sampleText("GetSpecificAttributeValue"),
  device: "TEST1027000000001",
};

/** The same read many times in one bundle. */
export function bundleOfReads(count: number): Asked {
  const [content = ""] = /<sm:ClassId>[\s\S]*<\/sm:ObisCode>/.exec(ONE_READ.document) ?? [];
  const read = `<bundle:GetSpecificAttributeValueRequest>${content.replaceAll("sm:", "adhoc:")}</bundle:GetSpecificAttributeValueRequest>`;
  return {
    path: PATH.replace("configuration", "bundle"),
    document: sampleText("Bundle").replace(
      /<bundle:Actions>[\s\S]*<\/bundle:Actions>/,
      `<bundle:Actions>${read.repeat(count)}</bundle:Actions>`,
    ),
    device: "TEST1052000000001",
  };
}

/** What requests cost from the first one sent to the last one answered by its meter. */
export interface EndToEnd {
  readonly perSecond: number;
  /** Of the service, for each. */
  readonly processorUs: number;
}

export type Metergate = Awaited<ReturnType<typeof startMetergate>>;

/** Clients that ask meters in turn. */
const ASKING = 32;

/** Asks meters in turn for so long, and waits until all of it is answered by them; gives how many requests it were. */
export async function askMeters(
  { port, dataDir }: Pick<Metergate, "port" | "dataDir">,
  meters: number,
  durationMs: number,
  { path, document, device }: Asked,
): Promise<number> {
  let sent = 0;
  const next = () => postRequest(path, document.replace(device, meterName(sent++ % meters)));
  const { count } = await load(port, ASKING, durationMs, next);
  // Of whatever version: its schema need not be ours.
  const database = new Libsql(join(dataDir, "metergate.db"));
  const unfinished = database.prepare("select 1 from request where state = 'running' or lane in ('ready', 'parked')");
  while (unfinished.get([]) !== undefined) await new Promise((resolve) => setTimeout(resolve, 20));
  database.close();
  return count;
}

/** Measured after a warm-up of the same length. */
export async function endToEnd(ports: readonly number[], durationMs: number, asked = FIRMWARE): Promise<EndToEnd> {
  const service = await startMetergate(ports);
  await askMeters(service, ports.length, durationMs, asked);
  const startMs = performance.now();
  const [count, tookUs] = await withProcessorUs(service.process.pid, () =>
    askMeters(service, ports.length, durationMs, asked),
  );
  const tookS = (performance.now() - startMs) / 1000;
  await service.stop();
  return { perSecond: count / tookS, processorUs: tookUs / count };
}

/** Resident memory of a process in MB, now and at most so far, where the system tells. */
export function memoryMb(pid: number | undefined): { readonly now: number; readonly most: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const of = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024;
    return { now: of("VmRSS"), most: of("VmHWM") };
  } catch {
    return undefined;
  }
}
