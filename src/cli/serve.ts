import cluster from "node:cluster";
import { pino } from "pino";
import type { Config } from "../config.ts";
import type { Role } from "../domain/role.ts";
import type { HttpHost } from "../http/host.ts";
import { since, systemClock } from "../lib/clock.ts";
import { metricsOfProcesses, openMetricsHost } from "../metrics.ts";
import { type Logger, startService } from "../service.ts";
import { databaseName } from "../store/open-store.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { runProcesses } from "./processes.ts";
import { version } from "./version.ts";

const STANDARD_ERROR = 2;

export interface ServeOptions {
  /** What this node does; everything when absent. */
  readonly role?: Role | undefined;
  /** How many processes share the work; just this one when absent. */
  readonly processes?: number | undefined;
}

/** A port that cannot be opened; the message says which, why, and what to set. */
class ListenError extends Error {
  readonly code = "CANNOT_LISTEN";

  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = "ListenError";
  }
}

/** Words for what goes wrong most often when a port is opened. */
function explainListenError(error: unknown, config: Config): unknown {
  const { host } = config;
  const { code, port = config.port } = error as NodeJS.ErrnoException & { port?: number };
  const reasons: Record<string, string> = {
    EADDRINUSE: "the port is in use",
    EACCES: "this user may not open the port",
    EADDRNOTAVAIL: "this machine has no such address",
    ENOTFOUND: "nobody knows an address of that name",
  };
  const reason = reasons[code ?? ""];
  if (reason === undefined) return error;
  const settings = "METERGATE_HOST, METERGATE_PORT, METERGATE_ALARM_PORT and METERGATE_ADMIN_PORT say where";
  return new ListenError(`cannot listen on ${host} port ${port}: ${reason}; ${settings}`, error);
}

/** Opens the port for metrics, if there is to be one, in the process that starts the others. */
async function openMetricsOfProcesses(config: Config, logger: Logger): Promise<HttpHost | undefined> {
  if (config.adminPort === undefined) return undefined;
  const host = await openMetricsHost(config, await metricsOfProcesses(), { clock: systemClock, logger });
  logger.info({ adminPort: host.port }, "metrics of all processes are told");
  return host;
}

/**
 * `serve`: runs the service until it is told to stop. Standard output gets the base URL and then "ready"; the log goes
 * to standard error, one JSON object per line.
 *
 * The first SIGTERM or SIGINT takes nothing more in and ends what runs, the second puts back what runs, and the third
 * leaves at once: whatever was accepted is in the database at any time.
 */
export async function serve(context: CommandContext, { role, processes }: ServeOptions = {}): Promise<void> {
  const config = context.config();
  const logger = pino({ level: config.logLevel, base: null }, pino.destination({ fd: STANDARD_ERROR, sync: true }));
  if (processes !== undefined && !cluster.isWorker) {
    if (config.databaseUrl === undefined) {
      throw new UsageError("--processes needs a database server: METERGATE_DATABASE_URL");
    }
    const admin = await openMetricsOfProcesses(config, logger).catch((error: unknown) => {
      throw explainListenError(error, config);
    });
    try {
      await runProcesses(processes, process.argv.slice(2), { print: context.print, logger });
    } finally {
      await admin?.close();
    }
    return;
  }
  const service = await startService(config, { logger, role }).catch((error: unknown) => {
    throw explainListenError(error, config);
  });
  const started = systemClock.elapsed();
  const { baseUrl, listeners, adminPort, store } = service;
  const counts = await store.devices.countAll();
  const where = {
    dataDirectory: config.dataDir,
    database: databaseName(config.databaseUrl),
    baseUrl,
    listeners,
    adminPort,
  };
  logger.info({ version: version(), ...where, ...counts }, "the service started");
  // Before anybody is told that it is ready: who hears that may send a signal at once.
  const stopped = new Promise<void>((resolve, reject) => {
    let signals = 0;
    const onSignal = (signal: string) => {
      signals++;
      logger.info({ signal, running: service.worker.running().length }, "the service was told to stop");
      if (signals === 1) service.drain().then(resolve, reject);
      else if (signals === 2) service.worker.stop().catch(reject);
      else process.exit(1);
    };
    process.on("SIGTERM", onSignal);
    // A terminal sends it to every process of the group; the one that started this one hands it on as SIGTERM.
    process.on("SIGINT", cluster.isWorker ? () => {} : onSignal);
  });
  if (baseUrl !== "") context.print(baseUrl);
  context.print("ready");
  await stopped;
  logger.info({ upMs: Math.round(since(systemClock, started)) }, "the service stopped");
  // The channel to the process that started this one would keep it.
  if (cluster.isWorker) process.disconnect();
}
