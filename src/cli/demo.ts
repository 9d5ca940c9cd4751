import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import type { Config } from "../config.ts";
import { importDevices } from "../devices/import.ts";
import { systemClock } from "../lib/clock.ts";
import { type Service, startService } from "../service.ts";
import { startFleet } from "../simulators/dlms/fleet.ts";
import type { CommandContext } from "./context.ts";
import { DEMO_METERS, demoDevicesFile, readSample } from "./demo-fleet.ts";
import { type Answered, ErpClient, leaf } from "./erp-client.ts";
import { isFailure } from "./send.ts";
import { untilStopped } from "./signals.ts";

/** Ports that are tried after the configured one. */
const MORE_PORTS = 50;
/** How long one request of the demo may take. */
const RESULT_TIMEOUT_MS = 120_000;
const WIDTHS = { progress: 8, document: 38, device: 19, accepted: 9, answered: 9 };
const LONGEST_RESULT = 60;

const SAMPLES = new URL("../../samples/", import.meta.url);

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

/** What an answer says, in a few words. */
function summarise(answer: Answered | undefined): string {
  if (!answer) return "no result in time";
  if (answer.element === "Fault") return `fault ${leaf(answer, "Code") ?? ""} ${leaf(answer, "InnerMessage") ?? ""}`;
  const details = answer.leaves.filter(({ name }) => name !== "Result").map(({ name, text }) => `${name}=${text}`);
  const text = [leaf(answer, "Result") ?? "OK", ...details].join(" ").replace(/\s+/g, " ");
  return text.length > LONGEST_RESULT ? `${text.slice(0, LONGEST_RESULT)}…` : text;
}

function row(progress: string, document: string, device: string, accepted: string, answered: string, rest: string) {
  const { progress: p, document: d, device: v, accepted: a, answered: r } = WIDTHS;
  return `${progress.padEnd(p)}${document.padEnd(d)}${device.padEnd(v)}${accepted.padStart(a)}${answered.padStart(r)}  ${rest}`;
}

/** Sends every document, waits for all results, and prints a row for each as it comes. */
async function sendSamples(client: ErpClient, context: CommandContext): Promise<number> {
  const files = readdirSync(SAMPLES).filter((file) => file.endsWith(".xml"));
  context.print(row("", "document", "device", "accepted", "result", "result / correlation UID"));
  let done = 0;
  let failures = 0;
  const waiting: Promise<void>[] = [];
  for (const file of files) {
    const startMs = performance.now();
    const sent = await client.send(readSample(file));
    const report = (device: string, acceptMs: number | undefined, answer: Answered | undefined, uid: string) => {
      done++;
      if (!answer || isFailure(answer)) failures++;
      const accepted = acceptMs === undefined ? "refused" : `${acceptMs.toFixed(1)} ms`;
      const answered = `${Math.round(performance.now() - startMs)} ms`;
      const progress = `[${done}/${files.length}]`;
      context.print(row(progress, file.replace(/\.xml$/, ""), device, accepted, answered, summarise(answer)));
      if (uid) context.print(row("", "", "", "", "", uid));
    };
    if ("fault" in sent) report("", undefined, sent.fault, "");
    else {
      const { deviceIdentification, acceptMs, correlationUid } = sent;
      const answer = client.waitForResult(sent, RESULT_TIMEOUT_MS);
      waiting.push(answer.then((result) => report(deviceIdentification, acceptMs, result, correlationUid)));
    }
  }
  await Promise.all(waiting);
  context.print(`\n${files.length - failures} of ${files.length} requests finished as they should`);
  return failures;
}

/**
 * `demo`: runs the service with a fleet of simulated meters and sends every document in `samples/`.
 * @returns the exit code: 0 when all finished as they should
 */
export async function demo(context: CommandContext, { keep }: { keep: boolean }): Promise<number> {
  const config = context.config();
  const ownDirectory = config.dataDir === "./data" ? mkdtempSync(join(tmpdir(), "metergate-demo-")) : undefined;
  const dataDir = ownDirectory ?? config.dataDir;
  const vaultKeyFile = ownDirectory ? join(ownDirectory, "vault.key") : config.vaultKeyFile;
  const fleet = await startFleet(DEMO_METERS);
  const service = await startOnFreePort({ ...config, dataDir, vaultKeyFile });
  try {
    const { database, vault } = service;
    await importDevices(demoDevicesFile(fleet.meters), { database, vault, clock: systemClock, replaceKeys: true });
    context.print(`service at ${service.baseUrl}, ${fleet.meters.length} simulated meters on loopback\n`);
    const failures = await sendSamples(new ErpClient(service.baseUrl, systemClock), context);
    if (keep) {
      context.print(`\n${service.baseUrl}`);
      context.print("ready");
      await untilStopped();
    }
    return failures === 0 ? 0 : 1;
  } finally {
    await service.stop();
    await fleet.close();
    if (ownDirectory) rmSync(ownDirectory, { recursive: true, force: true });
  }
}
