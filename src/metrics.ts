import cluster, { type Worker } from "node:cluster";
import { once } from "node:events";
import type { Counter, Histogram, MetricObjectWithValues, MetricValue, Registry } from "prom-client";
import type { Config } from "./config.ts";
import type { Credentials } from "./http/credentials.ts";
import { type HttpHost, openHttpHost } from "./http/host.ts";
import { metricsApp } from "./http/metrics-app.ts";
import { type Clock, systemClock, until } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";
import { Operators } from "./operators/operators.ts";
import type { Store } from "./store/store.ts";

/** What the service tells about itself in numbers, and what counts as it happens. */
export interface ServiceMetrics {
  readonly registry: Registry;
  readonly accepted: Counter<"operation">;
  readonly refused: Counter<"code">;
  readonly runs: Counter<"family" | "ending">;
  readonly storeCalls: Histogram<"port">;
  /** Epoch milliseconds and defects of the last verification of the message log by this process. */
  verified: { readonly atMs: number; readonly defects: number } | undefined;
}

const STORE_CALL_BOUNDS_S = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10];

/**
 * Metrics that have no value before something happens. Several processes are told of together: what happens in each is
 * added up.
 */
export async function newMetrics(): Promise<ServiceMetrics> {
  const { Registry, Counter, Histogram } = await import("prom-client");
  const registry = new Registry();
  // The process that started this one asks.
  if (cluster.isWorker) process.on("message", async () => process.send!(await registry.getMetricsAsJSON()));
  const registers = [registry];
  return {
    registry,
    accepted: new Counter({
      ...{ name: "metergate_accepted_total", help: "Requests that were accepted, by operation.", registers },
      labelNames: ["operation"],
    }),
    refused: new Counter({
      ...{ name: "metergate_refused_total", help: "Messages that were answered with a fault, by its code.", registers },
      labelNames: ["code"],
    }),
    runs: new Counter({
      ...{ name: "metergate_runs_total", help: "Runs of requests that ended, by family and ending.", registers },
      labelNames: ["family", "ending"],
    }),
    storeCalls: new Histogram({
      ...{ name: "metergate_store_call_seconds", help: "How long calls of the database took, by port.", registers },
      labelNames: ["port"],
      buckets: STORE_CALL_BOUNDS_S,
    }),
    verified: undefined,
  };
}

interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric that is read when somebody looks. */
interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Which value is told of several processes: the first when absent, as they look at the same. */
  readonly of?: "first" | "max";
  /** When it fails, the metric has no value that time. */
  read(): readonly Sample[] | Promise<readonly Sample[]>;
}

/** Metrics that are read when somebody looks. */
export async function readOnLook(
  metrics: ServiceMetrics,
  { store, credentials, clock }: { readonly store: Store; readonly credentials: Credentials; readonly clock: Clock },
): Promise<void> {
  const gauges: readonly Gauge[] = [
    {
      name: "metergate_requests",
      help: "Requests that are not finished, by where they stand.",
      labels: ["place"],
      async read() {
        const counts = await store.requests.countUnfinished();
        return Object.entries(counts).map(([place, value]) => ({ labels: { place }, value: value ?? 0 }));
      },
    },
    {
      name: "metergate_oldest_request_age_seconds",
      help: "Age of the oldest request that is not finished.",
      async read() {
        const [oldest] = await store.requests.listUnfinished(1);
        return [{ value: oldest ? -until(clock, oldest.acceptedMs) / 1000 : 0 }];
      },
    },
    {
      name: "metergate_certificate_expiry_seconds",
      help: "Until a certificate or a revocation list ends.",
      labels: ["kind", "of", "serial"],
      read: () => credentials.ends().map(({ labels, endMs }) => ({ labels, value: until(clock, endMs) / 1000 })),
    },
    {
      name: "metergate_message_log_entries",
      help: "Entries of the message log that have come so far.",
      labels: ["stage"],
      async read() {
        const positions = await store.messageLog.positions();
        return Object.entries(positions).map(([stage, value]) => ({ labels: { stage }, value }));
      },
    },
    {
      name: "metergate_message_log_verified_seconds",
      help: "When this process verified the log last, since 1970.",
      of: "max",
      read: () => (metrics.verified ? [{ value: metrics.verified.atMs / 1000 }] : []),
    },
    {
      name: "metergate_message_log_defects",
      help: "Entries that were wrong then.",
      of: "max",
      read: () => (metrics.verified ? [{ value: metrics.verified.defects }] : []),
    },
  ];
  for (const gauge of gauges) await addGauge(metrics.registry, gauge);
}

/** Has a gauge told on the page of the registry; see `Gauge`. */
export async function addGauge(registry: Registry, { name, help, labels = [], of = "first", read }: Gauge) {
  const { Gauge } = await import("prom-client");
  new Gauge({
    ...{ name, help, labelNames: [...labels], registers: [registry], aggregator: of },
    async collect() {
      const samples = await Promise.resolve()
        .then(read)
        .catch(() => []);
      this.reset();
      // A gauge without labels is 0 by itself.
      this.remove({});
      for (const { labels = {}, value } of samples) this.set(labels, value);
    },
  });
}

/** What a process tells another one. */
type Told = MetricObjectWithValues<MetricValue<string>>[];

/** How long a process may take to tell; one that does not run yet, ends, or hangs says nothing. */
const PATIENCE_MS = 1_000;

async function ask(asked: Pick<Worker, "on" | "send">, clock: Clock): Promise<Told> {
  const waiting = new AbortController();
  const giveUp = clock.after(PATIENCE_MS, () => waiting.abort());
  const answer = once(asked as Worker, "message", { signal: waiting.signal });
  asked.send("metrics", (error) => error && waiting.abort());
  return answer
    .then(([told]) => told)
    .catch(() => [])
    .finally(giveUp);
}

/** What the processes that this one started, or those given, tell together: of those that answer. */
export async function metricsOfProcesses(
  processes: () => readonly Pick<Worker, "on" | "send">[] = () =>
    Object.values(cluster.workers ?? {}).map((each) => each!),
  clock = systemClock,
): Promise<() => Promise<string>> {
  const { AggregatorRegistry } = await import("prom-client");
  return async () => {
    const told = await Promise.all(processes().map((each) => ask(each, clock)));
    return AggregatorRegistry.aggregate(told).metrics();
  };
}

/** Serves what `read` gives to operators on this machine, at the port for it. */
export function openMetricsHost(
  { adminPort, operatorsFile }: Pick<Config, "adminPort" | "operatorsFile">,
  read: () => Promise<string>,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Promise<HttpHost> {
  const operators = Operators.read(operatorsFile);
  const app = metricsApp(read, (token) => operators.hasByToken(token, "look"));
  return openHttpHost({ host: "127.0.0.1", port: adminPort!, clock, logger, apps: [app] });
}
