import { assemble } from "./assemble.ts";
import { type Config, ConfigError, storeSettings } from "./config.ts";
import type { KeyVault } from "./devices/key-vault.ts";
import type { Role } from "./domain/role.ts";
import { unsafeTransport } from "./http/transport-policy.ts";
import { type Clock, systemClock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";
import { type Random, systemRandom } from "./lib/random.ts";
import { growLog } from "./message-log/sequencer.ts";
import { openStore } from "./store/open-store.ts";
import type { Store } from "./store/store.ts";
import { startTasks } from "./tasks/start-tasks.ts";
import { ADMIN_SERVER, tasksOf } from "./tasks.ts";
import type { Worker } from "./worker/worker.ts";

export type { Logger };

/** A service that runs. */
export interface Service {
  /** Without a slash at the end: `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** Ports that tasks of the families listen on, by what they wait for. */
  readonly listeners: Readonly<Record<string, number>>;
  /** TCP port for metrics, if there is one. */
  readonly adminPort: number | undefined;
  readonly store: Store;
  readonly vault: KeyVault;
  readonly worker: Worker;
  /** Has a checkpoint made now that covers all that is in the log. */
  publishLog(): Promise<void>;
  /** Takes no more requests in, ends what runs, and closes. */
  drain(): Promise<void>;
  /** Closes without waiting for devices: what runs is put back for the next start. */
  stop(): Promise<void>;
}

export interface ServiceParts {
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly role?: Role;
  /** How often files of certificates and revocation lists are looked at; five seconds when absent. */
  readonly watchMs?: number | undefined;
}

/** The tasks of a node that died are another one's, or its own after a new start, within this and a third. */
const TASK_LEASE_MS = 6_000;
/** The same over the embedded database, whose disk every renewal wakes. */
const EMBEDDED_TASK_LEASE_MS = 15_000;

/**
 * Puts everything together and starts it.
 * @throws ConfigError when callers could connect in a way that is not safe
 * @throws StoreError, TrustError, MetergateError VAULT_UNREADABLE, or what the system says when a port cannot be opened
 */
export async function startService(
  config: Config,
  { logger, clock = systemClock, random = systemRandom, role = "all", watchMs }: ServiceParts,
): Promise<Service> {
  const problems = unsafeTransport(config);
  if (problems.length > 0) throw new ConfigError(problems);
  const store = await openStore({ ...storeSettings(config), clock });
  store.onFailure((err) => logger.error({ err }, "the store keeps nothing any more; restart the service"));
  try {
    const parts = await assemble({ config, store, clock, random, logger });
    const tasks = tasksOf(parts, role, watchMs);
    const stopTasks = await startTasks(tasks, {
      ...{ leases: store.leases, clock, random, logger },
      leaseMs: config.databaseUrl === undefined ? EMBEDDED_TASK_LEASE_MS : TASK_LEASE_MS,
    });
    const { vault, worker, familyTasks, address } = parts;
    const ports = familyTasks.flatMap(({ name, port }) => (port === undefined ? [] : [[name, port]]));
    const listeners = Object.fromEntries(ports);
    const adminPort = tasks.find(({ name }) => name === ADMIN_SERVER)?.port;
    // The worker takes nothing more on while the tasks before it end, which may take a caller's time.
    const close = async (endWorker: Promise<void>) => {
      await Promise.all([endWorker, stopTasks()]);
      await store.close();
    };
    const drain = () => {
      parts.closing.lingers = true;
      return close(worker.drain());
    };
    const stop = () => close(worker.stop());
    const publishLog = async () => {
      await growLog(store.messageLog);
      await parts.publisher.publish();
    };
    return { ...address, listeners, adminPort, store, vault, worker, publishLog, drain, stop };
  } catch (error) {
    await store.close();
    throw error;
  }
}
