import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { Config } from "../config.ts";
import { INVOCATION_COUNTER_THRESHOLD } from "../devices/invocation-counters.ts";
import { cosem } from "../dlms/data.ts";
import { FAMILIES } from "../families.ts";
import { since, sleep, systemClock } from "../lib/clock.ts";
import { parseObis } from "../lib/obis.ts";
import { PACKAGE_ROOT } from "../lib/package-root.ts";
import { systemRandom } from "../lib/random.ts";
import { type Service, startService } from "../service.ts";
import { imageTransfer } from "../simulators/dlms/behaviours.ts";
import { type Fleet, startFleet } from "../simulators/dlms/fleet.ts";
import type { PushMessage } from "../simulators/dlms/push.ts";
import { AUTHORITY, CertificatesFolder, SERVER } from "./certificates-folder.ts";
import type { CommandContext } from "./context.ts";
import { arrangeDemo, DEMO_METERS, placePlatformKey, readSample } from "./demo-fleet.ts";
import { verifyDemoLog } from "./demo-log.ts";
import { type Accepted, type Answered, ErpClient, ErpClientError, leaf } from "./erp-client.ts";
import { isFailure } from "./send.ts";
import { untilStopped } from "./signals.ts";
import { startSimulations } from "./simulate-family.ts";

/** Ports that are tried after the configured one. */
const MORE_PORTS = 50;
/** For what hangs, not for a busy machine: a request ends by itself, be it by the service's own limits. */
const PATIENCE_MS = 300_000;
const LOOK_EVERY_MS = 50;
/** Widths of the columns: three lines a request, of which the first two fit into 80 and the correlation UID stays whole. */
const WIDTHS = { progress: 10, document: 46, accepted: 10, answered: 10, device: 19, result: 51 };
/** The meter that pushes an alarm. */
const ALARMED_METER = "TEST1052000000001";
/** REPLACE_BATTERY in register 1, a voltage sag in register 2. */
const PUSHED: PushMessage = { format: "smr5", trigger: parseObis("0.1.25.9.0.255"), alarmRegisters: [2, 1] };
/** The simulated meters restart with their new firmware sooner than real ones. */
const QUICK_ACTIVATION = imageTransfer({ activationMs: 2_000 });

/** Who sends the samples. */
const OWNER = "test-org";
const DEMO_DAYS = 825;

const PROFILE_ENTRIES = 8;
/** Profiles that periodic reads of the samples are for, with room for a year of quarter-hours, days or hours. */
const YEARS = [
  ["TEST1055000000001", "1.0.99.1.0.255", 35_136],
  ["TEST1055000000001", "1.0.99.2.0.255", 366],
  ["TEST1027000000001", "0.1.24.3.0.255", 8_784],
] as const;

const SAMPLES = new URL("samples/", PACKAGE_ROOT);

async function startOnFreePort(config: Config): Promise<Service> {
  const logger = pino(
    { level: config.logLevel === "info" ? "error" : config.logLevel, base: null },
    pino.destination(2),
  );
  for (let more = 0; ; more++) {
    const port = config.port === 0 ? 0 : config.port + more;
    try {
      return await startService({ ...config, port, alarmPort: 0, validateResponses: true }, { logger });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || more === MORE_PORTS) throw error;
    }
  }
}

/** An authority, the service's certificate and a caller's, all of them new; those of an earlier run stay. */
function placeCertificates(path: string): CertificatesFolder {
  const folder = new CertificatesFolder(path, systemClock, systemRandom);
  if (existsSync(folder.file(OWNER, ".pem"))) return folder;
  folder.init(["localhost", "127.0.0.1", "::1"], { days: DEMO_DAYS });
  folder.issue(OWNER, { days: DEMO_DAYS });
  return folder;
}

function tlsFilesOf(folder: CertificatesFolder) {
  return {
    plainHttp: false,
    tlsCertificateFile: folder.file(SERVER, ".pem"),
    tlsKeyFile: folder.file(SERVER, "-key.pem"),
    tlsAuthoritiesFile: folder.file(AUTHORITY, ".pem"),
    tlsRevocationFile: undefined,
  };
}

/** What an answer says, in a few words. */
function summarise(answer: Answered | undefined): string {
  if (!answer) return "no result in time";
  if (answer.element === "Fault") return `fault ${leaf(answer, "Code") ?? ""} ${leaf(answer, "InnerMessage") ?? ""}`;
  const details = answer.leaves.filter(({ name }) => name !== "Result").map(({ name, text }) => `${name}=${text}`);
  const text = [leaf(answer, "Result") ?? "OK", ...details].join(" ").replace(/\s+/g, " ");
  return text.length > WIDTHS.result ? `${text.slice(0, WIDTHS.result - 1)}…` : text;
}

interface Row {
  readonly progress: string;
  readonly document: string;
  readonly accepted: string;
  readonly answered: string;
  readonly device: string;
  readonly result: string;
  readonly correlationUid: string;
}

function linesOf({ progress, document, accepted, answered, device, result, correlationUid }: Row): string[] {
  const indent = " ".repeat(WIDTHS.progress);
  const times = accepted.padStart(WIDTHS.accepted) + answered.padStart(WIDTHS.answered);
  const lines = [
    progress.padEnd(WIDTHS.progress) + document.padEnd(WIDTHS.document) + times,
    indent + device.padEnd(WIDTHS.device) + result,
  ];
  return correlationUid ? [...lines, indent + correlationUid] : lines;
}

/** Stands in a sample for a correlation UID that only a running service can tell. */
const UID_PLACEHOLDER = "00000000000000000000000000000000";

/** Counts what is done and prints a row for each. */
class Progress {
  readonly #print: (line: string) => void;
  readonly #total: number;
  #done = 0;
  failures = 0;

  constructor(total: number, print: (line: string) => void) {
    this.#total = total;
    this.#print = print;
    const heading = {
      document: "document",
      accepted: "accepted",
      answered: "answered",
      device: "device",
      result: "result",
    };
    for (const line of linesOf({ progress: "", ...heading, correlationUid: "correlation UID" })) print(line);
  }

  /** What follows belongs together. */
  begin(title: string): void {
    this.#print(`\n${title}`);
  }

  report(file: string, sent: Partial<Accepted>, answeredMs: number, answer: Answered | undefined): void {
    this.#done++;
    if (!answer || isFailure(answer)) this.failures++;
    const { deviceIdentification = "", acceptMs, correlationUid } = sent;
    const lines = linesOf({
      progress: `[${this.#done}/${this.#total}]`,
      document: file.replace(/\.xml$/, ""),
      accepted: acceptMs === undefined ? "" : `${acceptMs.toFixed(1)} ms`,
      answered: `${Math.round(answeredMs)} ms`,
      device: deviceIdentification,
      result: summarise(answer),
      correlationUid: correlationUid ?? "",
    });
    for (const line of lines) this.#print(line);
  }
}

/** Documents that say which meter is behind which: one by one, after those that are about the meter behind. */
const COUPLING = [
  "DecoupleMbusDevice.xml",
  "CoupleMbusDevice.xml",
  "CoupleMbusDeviceByChannel.xml",
  "SetDeviceLifecycleStatusByChannel.xml",
  "DecoupleMbusDeviceByChannel.xml",
  "DecoupleMbusDeviceAdministrative.xml",
];

/** Sends every document of the samples, waits for all results, and prints a row for each as it comes. */
async function sendSamples(
  client: ErpClient,
  service: Service,
  fleet: Fleet,
  print: (line: string) => void,
): Promise<number> {
  const files = readdirSync(SAMPLES).filter((file) => file.endsWith(".xml"));
  // What names a correlation UID asks for something that is there already, and a list of devices is there as well.
  const isFollowUp = (file: string) =>
    Buffer.from(readSample(file)).includes(UID_PLACEHOLDER) || file === "GetDevices.xml";
  const progress = new Progress(files.length, print);
  const finished: string[] = [];
  const waiting: Promise<void>[] = [];
  const send = async (file: string): Promise<void> => {
    const start = systemClock.elapsed();
    const sent = await client.send(readSample(file));
    if ("fault" in sent) {
      progress.report(file, {}, since(systemClock, start), sent.fault);
      return;
    }
    const answer = client.waitForResult(sent, PATIENCE_MS);
    const reported = answer.then((result) => {
      finished.push(sent.correlationUid);
      progress.report(file, sent, since(systemClock, start), result);
    });
    // When a document cannot be sent, that is what is told, and not that the others were left without their answers.
    reported.catch(() => {});
    waiting.push(reported);
  };
  const requests = await byFamily(
    files.filter((name) => !isFollowUp(name)),
    service,
  );
  for (const [title, own] of requests) {
    progress.begin(title);
    for (const file of own.filter((name) => !COUPLING.includes(name))) await send(file);
    await Promise.all(waiting);
    for (const file of COUPLING.filter((name) => own.includes(name))) {
      await send(file);
      await Promise.all(waiting);
    }
  }
  progress.begin("What is there already");
  for (const file of files.filter(isFollowUp)) {
    const uid = await uidFor(file, finished[0]!, client, service, fleet);
    const document = Buffer.from(readSample(file)).toString().replace(UID_PLACEHOLDER, uid);
    const start = systemClock.elapsed();
    const answer = await client.ask(new Uint8Array(Buffer.from(document)));
    progress.report(file, { correlationUid: uid }, since(systemClock, start), answer);
  }
  print(`\n${files.length - progress.failures} of ${files.length} requests finished as they should`);
  return progress.failures;
}

/** The documents of each family, by its title: that of the device that a document names, if it is known. */
async function byFamily(files: readonly string[], { store }: Service): Promise<Map<string, string[]>> {
  const titles = new Map<string, string>(FAMILIES.map(({ name, title }) => [name, title]));
  const groups = new Map([...titles.values()].map((title): [string, string[]] => [title, []]));
  for (const file of files) {
    const [, device = ""] = /DeviceIdentification>([^<]+)</.exec(Buffer.from(readSample(file)).toString()) ?? [];
    const family = (await store.devices.find(device))?.device.family ?? FAMILIES[0].name;
    groups.get(titles.get(family) ?? "")?.push(file);
  }
  return groups;
}

/** The correlation UID that a sample is about, and what leads to there being one. */
async function uidFor(file: string, finished: string, client: ErpClient, service: Service, fleet: Fleet) {
  if (/PushNotificationAlarm/.test(file)) return pushAlarm(service, fleet);
  if (/SystemEvent/.test(file)) return noticeCounter(client, service);
  return finished;
}

/** Lets the invocation counter of a meter come near its end, and gives the correlation UID of what is noticed of it. */
async function noticeCounter(client: ErpClient, { store }: Service): Promise<string> {
  await store.devices.raiseInvocationCounter(ALARMED_METER, INVOCATION_COUNTER_THRESHOLD, []);
  const sent = await client.send(readSample("ReadAlarmRegister.xml"));
  if (!("fault" in sent)) await client.waitForResult(sent, PATIENCE_MS);
  return until(async () => (await store.systemEvents.list(1))[0]?.correlationUid, "nobody noticed the counter");
}

/** Has a meter push an alarm to the service, and gives the correlation UID under which it is kept. */
async function pushAlarm({ listeners, store }: Service, fleet: Fleet): Promise<string> {
  const meter = fleet.meter(ALARMED_METER)!;
  await meter.push(undefined, PUSHED, {
    host: "127.0.0.1",
    port: listeners["pushes of DLMS meters"]!,
    transport: "tcp",
  });
  return until(
    async () => (await store.pushes.list(1))[0]?.correlationUid,
    `the push of ${ALARMED_METER} did not arrive`,
  );
}

/** Looks until there is something. @throws ErpClientError when there is nothing for too long */
async function until<T>(look: () => Promise<T | undefined>, otherwise: string): Promise<T> {
  const begun = systemClock.elapsed();
  while (since(systemClock, begun) < PATIENCE_MS) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(systemClock, LOOK_EVERY_MS);
  }
  throw new ErpClientError(otherwise);
}

/**
 * `demo`: runs the service with a fleet of simulated meters and sends every document in `samples/`.
 * @returns the exit code: 0 when all finished as they should
 */
export async function demo(context: CommandContext, { keep = false }: { keep?: boolean }): Promise<number> {
  const config = context.config();
  const ownDirectory = config.dataDir === "./data" ? mkdtempSync(join(tmpdir(), "metergate-demo-")) : undefined;
  const removeOwn = () => ownDirectory && rmSync(ownDirectory, { recursive: true, force: true });
  // Keys lie in it: it goes however the process ends, also when whoever reads the output, or the user, has seen enough.
  process.once("exit", removeOwn);
  const leave = () => process.exit(1);
  process.once("SIGINT", leave).once("SIGTERM", leave);
  const dataDir = ownDirectory ?? config.dataDir;
  const vaultKeyFile = ownDirectory ? join(ownDirectory, "vault.key") : config.vaultKeyFile;
  const fleet = await startFleet(DEMO_METERS);
  for (const { behaviours } of fleet.meters) behaviours.add(QUICK_ACTIVATION);
  for (const [meter, profile, entries] of YEARS) {
    fleet.meter(meter).write(7, parseObis(profile), PROFILE_ENTRIES, cosem.doubleLongUnsigned(entries));
  }
  const others = await startSimulations();
  placePlatformKey(dataDir);
  const certificates = placeCertificates(join(dataDir, "certificates"));
  const service = await startOnFreePort({ ...config, ...tlsFilesOf(certificates), dataDir, vaultKeyFile });
  const client = new ErpClient(service.baseUrl, systemClock, certificates.tlsOf(OWNER));
  try {
    await arrangeDemo(service, fleet.meters, others);
    context.print(`service at ${service.baseUrl}, ${fleet.meters.length} simulated meters on loopback`);
    context.print(`callers prove by certificate who they are; theirs: ${OWNER}\n`);
    const failed = await sendSamples(client, service, fleet, context.print);
    const failures = failed + (await verifyDemoLog(service, context.print));
    if (keep) {
      context.print(
        `\nsend one:   node dist/main.js send samples/GetFirmwareVersion.xml --wait --url ${service.baseUrl} ` +
          `--certificates ${certificates.path}`,
      );
      context.print(`look into:  METERGATE_DATA_DIR=${dataDir} node dist/main.js alarms list`);
      context.print(`\n${service.baseUrl}`);
      context.print("ready");
      process.off("SIGINT", leave).off("SIGTERM", leave);
      await untilStopped();
    }
    return failures === 0 ? 0 : 1;
  } finally {
    await client.close();
    await service.stop();
    await Promise.all([fleet, ...others].map((each) => each.close()));
    process.off("SIGINT", leave).off("SIGTERM", leave).off("exit", removeOwn);
    removeOwn();
  }
}
