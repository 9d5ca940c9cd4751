import cluster from "node:cluster";
import { hostname } from "node:os";
import type { Parts } from "./assemble.ts";
import type { Role } from "./domain/role.ts";
import { listening, type Task } from "./domain/task.ts";
import { baseUrlOf, isWildcard } from "./http/base-url.ts";
import { type HttpHost, openHttpHost } from "./http/host.ts";
import { type Elapsed, since } from "./lib/clock.ts";
import { repeat } from "./lib/repeat.ts";
import { eraseOld } from "./message-log/retention.ts";
import { startSequencer } from "./message-log/sequencer.ts";
import { parseClassDays } from "./message-log/settings.ts";
import { startVerifying } from "./message-log/verify-task.ts";
import { openMetricsHost, type ServiceMetrics } from "./metrics.ts";
import { startRetention } from "./requests/retention.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

/** A task out of a function that starts it and returns what stops it. */
function startedBy(start: () => () => void | Promise<void>): Pick<Task, "start" | "stop"> {
  let stop: () => void | Promise<void> = () => {};
  return {
    start() {
      stop = start();
    },
    stop: async () => stop(),
  };
}

const retention = ({ config, store, clock, logger }: Parts): Task => ({
  name: "retention",
  once: true,
  ...startedBy(() => {
    const days = parseClassDays(config.logRetention);
    let stopping = false;
    let lastAt: Elapsed | undefined;
    const also = async (nowMs: number) => {
      if (days.size === 0 || (lastAt !== undefined && since(clock, lastAt) < HOUR_MS)) return;
      lastAt = clock.elapsed();
      const erased = await eraseOld(store.messageLog, days, nowMs, () => !stopping);
      if (erased > 0) logger.info({ erased }, "payloads of the message log were erased");
    };
    const settings = { retentionMs: config.retentionDays * DAY_MS, also };
    const stop = startRetention(store, clock, settings, (err) =>
      logger.error({ err }, "what is older than the retention could not be removed"),
    );
    return () => {
      stopping = true;
      return stop();
    };
  }),
});

const sequencer = ({ config, store, clock, logger, publisher }: Parts): Task => ({
  name: "sequencer of the message log",
  once: true,
  ...startedBy(() =>
    startSequencer({
      ...{ log: store.messageLog, publisher, clock },
      everyEntries: config.logCheckpointEntries,
      everyMs: config.logCheckpointSeconds * 1000,
      onError: (err) => logger.error({ err }, "the message log could not be put in sequence or published"),
    }),
  ),
});

const verification = ({ config, store, clock, logger, metrics }: Parts): Task => ({
  name: "verification of the message log",
  once: true,
  ...startedBy(() => {
    if (config.logVerifyHours === 0) return () => {};
    return startVerifying({
      ...{ log: store.messageLog, clock, everyMs: config.logVerifyHours * HOUR_MS },
      onReport: ({ entries, findings }) => {
        if (metrics) metrics.verified = { atMs: clock.now(), defects: findings.length };
        if (findings.length === 0) logger.info({ entries }, "the message log was verified");
        else logger.error({ entries, findings: findings.slice(0, 10) }, "the message log has defects");
      },
      onError: (err) => logger.error({ err }, "the message log could not be verified"),
    });
  }),
});

const worker = ({ store, worker, adapters }: Parts): Task => {
  let unsubscribe = () => {};
  return {
    name: "worker",
    start() {
      unsubscribe = store.onWake(() => void worker.wake());
      worker.start();
    },
    async stop() {
      unsubscribe();
      await worker.drain();
      await Promise.all(adapters.map((adapter) => adapter.close?.()));
    },
  };
};

const notifications = ({ sender }: Parts): Task => ({
  name: "notifications",
  once: true,
  start: () => sender.start(),
  stop: () => sender.stop(),
});

export const ADMIN_SERVER = "admin server";

/** For operators on this machine. */
const adminServer = ({ config, clock, logger }: Parts, { registry }: ServiceMetrics): Task =>
  listening(ADMIN_SERVER, () => openMetricsHost(config, () => registry.metrics(), { clock, logger }));

/** Polls are gathered while messages come in, and what was gathered is written when none does any more. */
const pollEvidence = ({ app }: Parts): Task => ({ name: "evidence of polls", stop: () => app.close() });

/** How often certificates and revocation lists are looked at, which others replace while the service runs. */
const WATCH_MS = 5_000;

const httpServer = (parts: Parts, watchMs: number): Task => {
  const { config, clock, logger, app, address, credentials, closing } = parts;
  let server: HttpHost | undefined;
  let unwatch = async () => {};
  const task = listening("HTTP server", async () => {
    const { host, port, publicUrl } = config;
    const tls = credentials.context;
    server = await openHttpHost({ host, port, clock, logger, tls, apps: [app], lingers: () => closing.lingers });
    address.baseUrl = baseUrlOf(host, server.port, hostname(), tls ? "https" : "http");
    if (isWildcard(host) && publicUrl === undefined) {
      const text = "the WSDLs name this machine by its host name; METERGATE_PUBLIC_URL sets the address";
      logger.warn({ ...address }, text);
    }
    return server;
  });
  const look = async () => {
    credentials.warn();
    if ((await credentials.reload()) && credentials.context) server?.replaceTls(credentials.context);
  };
  return {
    ...task,
    start() {
      unwatch = repeat(clock, watchMs, look, (err) => logger.error({ err }, "certificates could not be looked at"));
    },
    async stop() {
      await unwatch();
      await task.stop();
    },
  };
};

/**
 * All that goes on while the service runs, in the order of its start. It ends in the other: what lets others in, first.
 * @param watchMs how often certificates and revocation lists are looked at
 */
export function tasksOf(parts: Parts, role: Role = "all", watchMs = WATCH_MS): readonly Task[] {
  const inside =
    role === "api" ? [] : [retention, sequencer, verification, notifications, worker].map((task) => task(parts));
  const outside = role === "worker" ? [] : [pollEvidence(parts), httpServer(parts, watchMs)];
  // Of several processes, the one that started them tells of all.
  const forOperators = parts.metrics && !cluster.isWorker ? [adminServer(parts, parts.metrics)] : [];
  return [...inside, ...outside, ...(role === "api" ? [] : parts.familyTasks), ...forOperators];
}
