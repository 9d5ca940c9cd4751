import { hostname } from "node:os";
import { PlatformAdapter } from "./adapters/platform/adapter.ts";
import type { Config } from "./config.ts";
import { ApplicationKeys } from "./devices/application-keys.ts";
import { Inventory } from "./devices/inventory.ts";
import { InvocationCounters } from "./devices/invocation-counters.ts";
import { KeyProcessing } from "./devices/key-processing.ts";
import { type KeyVault, openKeyVault } from "./devices/key-vault.ts";
import { PlatformKeys } from "./devices/platform-keys.ts";
import type { Adapter } from "./domain/adapter.ts";
import type { DeviceEvent, RefusedEvent } from "./domain/device-event.ts";
import type { OperationName } from "./domain/request.ts";
import type { RunningTask } from "./domain/task.ts";
import { DeviceEvents } from "./events/device-events.ts";
import { FAMILIES } from "./families.ts";
import { baseUrlOf, isWildcard } from "./http/base-url.ts";
import { openHttpHost } from "./http/host.ts";
import { type Clock, systemClock } from "./lib/clock.ts";
import { type Random, systemRandom } from "./lib/random.ts";
import { MessageLog } from "./message-log/message-log.ts";
import { findOperation } from "./operations/registry.ts";
import { Acceptance } from "./requests/accept.ts";
import { RequestQueue } from "./requests/queue.ts";
import { Results } from "./requests/results.ts";
import { startRetention } from "./requests/retention.ts";
import { createSoapApp } from "./soap/app.ts";
import { openStore } from "./store/open-store.ts";
import type { Store } from "./store/store.ts";
import { Worker, type WorkerSettings } from "./worker/worker.ts";

/** Where the service tells operators what happens; pino fits. */
export interface ServiceLogger {
  debug(context: Record<string, unknown>, text: string): void;
  info(context: Record<string, unknown>, text: string): void;
  warn(context: Record<string, unknown>, text: string): void;
  error(context: Record<string, unknown>, text: string): void;
}

/** A service that runs. */
export interface Service {
  /** Without a slash at the end: `http://127.0.0.1:8080`. */
  readonly baseUrl: string;
  /** TCP and UDP port for pushed alarms, unless that is switched off. */
  readonly alarmPort: number | undefined;
  readonly store: Store;
  readonly vault: KeyVault;
  readonly worker: Worker;
  /** Takes no more requests in, ends what runs, and closes. */
  drain(): Promise<void>;
  /** Closes without waiting for devices: what runs is put back for the next start. */
  stop(): Promise<void>;
}

export interface ServiceParts {
  readonly logger: ServiceLogger;
  readonly clock?: Clock;
  readonly random?: Random;
}

const DAY_MS = 86_400_000;

/**
 * Puts everything together and opens the ports.
 * @throws StoreError, MetergateError VAULT_UNREADABLE, or what the system says when a port cannot be opened
 */
export async function startService(config: Config, parts: ServiceParts): Promise<Service> {
  const store = await openStore({ dataDirectory: config.dataDir, clock: parts.clock ?? systemClock });
  const opened: (() => Promise<void>)[] = [() => store.close()];
  try {
    return await assemble(config, parts, store, opened);
  } catch (error) {
    for (const close of opened.reverse()) await close();
    throw error;
  }
}

/** What families make their adapters with; each takes what it needs. */
function familyParts(
  config: Config,
  { logger, clock, random }: Required<ServiceParts>,
  devices: {
    store: Store;
    vault: KeyVault;
    inventory: Inventory;
    platformKeys: PlatformKeys;
    events: DeviceEvents;
  },
) {
  const { store, events } = devices;
  const { host, alarmPort, alarmsEnabled } = config;
  const counters = new InvocationCounters(store.devices, (device, counter) =>
    logger.warn({ device, counter }, "the invocation counter nears its end: replace the encryption key"),
  );
  const keyProcessing = new KeyProcessing(store.devices);
  return {
    ...devices,
    ...{ counters, keyProcessing, firmware: store.firmware, clock, random, logger, timeouts: config },
    pushes: alarmsEnabled ? { host, port: alarmPort } : undefined,
    tell: (event: DeviceEvent) => events.receive(event),
    refuse: (event: RefusedEvent) => events.refuse(event),
  };
}

function workerSettings({ workerConcurrency, leaseMs, connectionsPerSecond }: Config): WorkerSettings {
  const startLimits = { dlms: { count: connectionsPerSecond, windowMs: 1000 } };
  return { concurrency: workerConcurrency, leaseMs, ...(connectionsPerSecond > 0 && { startLimits }) };
}

/** @param opened gets what is to be undone, in this order, when a later step fails */
async function assemble(
  config: Config,
  { logger, clock = systemClock, random = systemRandom }: ServiceParts,
  store: Store,
  opened: (() => Promise<void>)[],
): Promise<Service> {
  const vault = await openKeyVault({ secrets: store.secrets, keyFile: config.vaultKeyFile, clock, random });
  const inventory = new Inventory(store.devices, clock);
  const messageLog = new MessageLog(store.messageLog, clock);
  const retryPolicy = { delayMs: config.retryDelayMs, maxRetries: config.maxRetries };
  const queue = new RequestQueue(store.requests, clock, retryPolicy);
  const platformKeys = await PlatformKeys.open(config.dataDir);
  const ownerOf = (device: string) => inventory.ownerOf(device);
  const events = new DeviceEvents({ pushes: store.pushes, messageLog, ownerOf, clock, random, logger });
  const devices = { store, vault, inventory, platformKeys, events };
  const parts = familyParts(config, { logger, clock, random }, devices);
  const families: Adapter[] = FAMILIES.map((family) => family.open(parts));
  const platform = new PlatformAdapter({ vault, applicationKeys: new ApplicationKeys(store.devices) }, clock);
  const findDevice = (identification: string) => inventory.find(identification);
  const isAuthorised = (organisation: string, device: string, operation: OperationName) =>
    inventory.isAuthorised(organisation, device, operation);
  const worker = new Worker(
    { queue, adapters: [...families, platform], clock, random, logger, findDevice, isAuthorised },
    workerSettings(config),
  );
  const acceptance = new Acceptance({
    checks: {
      isOrganisationKnown: (organisation) => inventory.isOrganisationKnown(organisation),
      isAuthorised,
      findDevice,
      whyUnsupported: (target, device, operation) => {
        const staysHere = findOperation(operation)?.runsOn === "platform";
        const adapter = staysHere ? platform : families.find(({ family }) => family === device.family);
        if (!adapter) return `${device.family} devices are not served here`;
        return adapter.whyUnsupported(target, device, operation);
      },
    },
    requests: store.requests,
    log: messageLog,
    clock,
    random,
  });
  const results = new Results(store.requests, messageLog);

  let baseUrl = "";
  const app = createSoapApp({
    requests: {
      accept: (input) => acceptance.accept(input),
      fetch: (input) => results.fetch(input),
      fetchBundle: (input) => results.fetchBundle(input),
      deleteResponseData: (input) => results.deleteResponseData(input),
      fetchAlarm: async (input) => {
        const push = await events.fetch(input);
        return { decodedMessage: push.description, encodedMessage: push.message, alarms: push.alarms };
      },
    },
    messageLog,
    callers: inventory,
    logger,
    clock,
    publicUrl: () => config.publicUrl ?? baseUrl,
    maxBodyBytes: config.maxBodyBytes,
    validateResponses: config.validateResponses,
  });
  const server = await openHttpHost({ host: config.host, port: config.port, clock, logger, apps: [app] });
  opened.push(() => server.close());
  baseUrl = baseUrlOf(config.host, server.port, hostname());
  if (isWildcard(config.host) && config.publicUrl === undefined) {
    logger.warn({ baseUrl }, "the WSDLs name this machine by its host name; METERGATE_PUBLIC_URL sets the address");
  }

  const tasks: RunningTask[] = [];
  for (const family of FAMILIES) {
    for (const task of family.tasks?.(parts) ?? []) {
      const running = await task.start();
      tasks.push(running);
      opened.push(() => running.close());
    }
  }
  const retentionMs = config.retentionDays * DAY_MS;
  const stopRetention = startRetention(store, clock, { retentionMs }, (err) =>
    logger.error({ err }, "what is older than the retention could not be removed"),
  );
  store.onFailure((err) => logger.error({ err }, "the store keeps nothing any more; restart the service"));
  store.onWake(() => void worker.wake());
  worker.start();

  const close = async (endWorker: () => Promise<void>) => {
    const serverClosed = server.close();
    for (const task of tasks.reverse()) await task.close();
    await endWorker();
    await serverClosed;
    await app.close();
    await stopRetention();
    await store.close();
  };
  return {
    baseUrl,
    alarmPort: tasks.find(({ port }) => port !== undefined)?.port,
    store,
    vault,
    worker,
    drain: () => close(() => worker.drain()),
    stop: () => close(() => worker.stop()),
  };
}
