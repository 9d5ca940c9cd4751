import type { Credentials } from "./http/credentials.ts";
import { type Clock, until } from "./lib/clock.ts";
import { type Counter, type Histogram, Metrics } from "./lib/metrics.ts";
import type { Store } from "./store/store.ts";

/** What happens and is counted as it does. */
export interface ServiceMetrics {
  readonly all: Metrics;
  readonly accepted: Counter;
  readonly refused: Counter;
  readonly runs: Counter;
  readonly storeCalls: Histogram;
  /** Epoch milliseconds and defects of the last verification of the message log by this process. */
  verified: { readonly atMs: number; readonly defects: number } | undefined;
}

/** Metrics that have no value before something happens. */
export function newMetrics(): ServiceMetrics {
  const all = new Metrics();
  return {
    all,
    accepted: all.counter("metergate_accepted_total", "Requests that were accepted, by operation."),
    refused: all.counter("metergate_refused_total", "Messages that were answered with a fault, by its code."),
    runs: all.counter("metergate_runs_total", "Runs of requests that ended, by family and ending."),
    storeCalls: all.histogram("metergate_store_call_seconds", "How long calls of the database took, by port."),
    verified: undefined,
  };
}

/** Metrics that are read when somebody looks. */
export function readOnLook(
  metrics: ServiceMetrics,
  { store, credentials, clock }: { readonly store: Store; readonly credentials: Credentials; readonly clock: Clock },
): void {
  const { all } = metrics;
  all.gauge("metergate_requests", "Requests that are not finished, by where they stand.", async () => {
    const counts = await store.requests.countUnfinished();
    return Object.entries(counts).map(([place, value]) => ({ labels: { place }, value: value ?? 0 }));
  });
  all.gauge("metergate_oldest_request_age_seconds", "Age of the oldest request that is not finished.", async () => {
    const [oldest] = await store.requests.listUnfinished(1);
    return [{ value: oldest ? -until(clock, oldest.acceptedMs) / 1000 : 0 }];
  });
  all.gauge("metergate_certificate_expiry_seconds", "Until a certificate or a revocation list ends.", () =>
    credentials.ends().map(({ labels, endMs }) => ({ labels, value: until(clock, endMs) / 1000 })),
  );
  all.gauge("metergate_message_log_entries", "Entries of the message log that have come so far.", async () => {
    const positions = await store.messageLog.positions();
    return Object.entries(positions).map(([stage, value]) => ({ labels: { stage }, value }));
  });
  all.gauge("metergate_message_log_verified_seconds", "When this process verified the log last, since 1970.", () =>
    metrics.verified ? [{ value: metrics.verified.atMs / 1000 }] : [],
  );
  all.gauge("metergate_message_log_defects", "Entries that were wrong then.", () =>
    metrics.verified ? [{ value: metrics.verified.defects }] : [],
  );
}
