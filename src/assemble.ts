import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PlatformAdapter } from "./adapters/platform/adapter.ts";
import type { Config } from "./config.ts";
import { ApplicationKeys } from "./devices/application-keys.ts";
import { devicePage } from "./devices/device-pages.ts";
import { Inventory } from "./devices/inventory.ts";
import { InvocationCounters } from "./devices/invocation-counters.ts";
import { KeyProcessing } from "./devices/key-processing.ts";
import { type KeyVault, openKeyVault } from "./devices/key-vault.ts";
import { LogKeys } from "./devices/log-keys.ts";
import { NewDevices } from "./devices/new-devices.ts";
import { Organisations } from "./devices/organisations.ts";
import { PlatformKeys } from "./devices/platform-keys.ts";
import { LOG_KEYS, PLATFORM_KEY, requireShared, TOKEN_KEY } from "./devices/shared-keys.ts";
import { TokenPasswords } from "./devices/token-passwords.ts";
import type { Adapter } from "./domain/adapter.ts";
import type { DeviceEvent, RefusedEvent } from "./domain/device-event.ts";
import { MetergateError } from "./domain/errors.ts";
import type { Family } from "./domain/family.ts";
import type { Task } from "./domain/task.ts";
import { DeviceEvents } from "./events/device-events.ts";
import { DeviceReports } from "./events/device-reports.ts";
import { SystemEvents } from "./events/system-events.ts";
import { FAMILIES, familyNamed } from "./families.ts";
import { Credentials } from "./http/credentials.ts";
import { Peers } from "./http/peers.ts";
import { concatBytes } from "./lib/bytes.ts";
import type { Clock } from "./lib/clock.ts";
import type { Logger } from "./lib/logger.ts";
import type { Random } from "./lib/random.ts";
import { sha256Hex } from "./lib/sha256.ts";
import { cosignedBy, type Post, sentTo, stampedBy } from "./message-log/attestors.ts";
import { DeviceMessages } from "./message-log/device-messages.ts";
import { MessageLog } from "./message-log/message-log.ts";
import { type Attestor, Publisher } from "./message-log/publisher.ts";
import { logPaths, parseWitnesses } from "./message-log/settings.ts";
import { newMetrics, readOnLook, type ServiceMetrics } from "./metrics.ts";
import { NotificationClient } from "./notifications/client.ts";
import { NotificationSender } from "./notifications/sender.ts";
import { findOperation } from "./operations/registry.ts";
import { Acceptance } from "./requests/accept.ts";
import { Admission } from "./requests/admission.ts";
import { RequestQueue } from "./requests/queue.ts";
import { QueueLimit } from "./requests/queue-limit.ts";
import { Results } from "./requests/results.ts";
import { createSoapApp, type SoapApp } from "./soap/app.ts";
import { Security } from "./soap/security/security.ts";
import type { Store } from "./store/store.ts";
import { timedStore } from "./store/timed-store.ts";
import { HttpClient } from "./transport/http-client.ts";
import { Permits } from "./worker/permits.ts";
import type { RunDependencies } from "./worker/run.ts";
import { Worker, type WorkerSettings } from "./worker/worker.ts";

/** What is given to everything. */
export interface Ground {
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** The parts that tasks work with. */
export interface Parts extends Ground {
  readonly vault: KeyVault;
  readonly worker: Worker;
  readonly app: SoapApp;
  readonly sender: NotificationSender;
  /** What runs requests on devices. */
  readonly adapters: readonly Adapter[];
  /** Signs how far the message log has come. */
  readonly publisher: Publisher;
  /** What families do besides requests. */
  readonly familyTasks: readonly Task[];
  readonly credentials: Credentials;
  /** Absent where nobody can look. */
  readonly metrics: ServiceMetrics | undefined;
  /** Where callers find the service. */
  readonly address: Address;
  readonly closing: Closing;
}

/** How the service closes. */
export interface Closing {
  /** Callers that keep their connections are told to leave before these are closed. */
  lingers: boolean;
}

/** What is known when the HTTP port is open. */
export interface Address {
  /** Without a slash at the end: `http://127.0.0.1:8080`. */
  baseUrl: string;
}

/** What families make their adapters and tasks with; each takes what it needs. */
function familyParts(
  { config, store, logger, clock, random }: Ground,
  devices: {
    vault: KeyVault;
    inventory: Inventory;
    platformKeys: PlatformKeys;
    events: DeviceEvents;
    messages: DeviceMessages;
    systemEvents: SystemEvents;
    reports: DeviceReports;
  },
) {
  const counters = new InvocationCounters(store.devices, (device, counter) => {
    logger.warn({ device, counter }, "the invocation counter nears its end: replace the encryption key");
    devices.systemEvents
      .counterNearsEnd(device, counter)
      .catch((err) => logger.error({ err, device }, "a system event could not be kept"));
  });
  const keyProcessing = new KeyProcessing(store.devices);
  return {
    ...devices,
    ...{ counters, keyProcessing, firmware: store.firmware, clock, random, logger, config },
    tell: (event: DeviceEvent) => devices.events.receive(event),
    refuse: (event: RefusedEvent) => devices.events.refuse(event),
  };
}

/** Permits of all nodes together, when limits are shared. */
function sharedPermits({ config, store, clock, random }: Ground): Permits | undefined {
  if (config.throttling === "local") return undefined;
  const { openConnections: open, connectionsPerSegment: openInSegment, connectionsPerSecond: perSecond } = config;
  return new Permits(store.permits, { open, openInSegment, perSecond }, clock, random, config.segmentConnections);
}

function workerSettings({ workerConcurrency, leaseMs, connectionsPerSecond, throttling }: Config): WorkerSettings {
  const isLocal = throttling === "local" && connectionsPerSecond > 0;
  const limit = { count: connectionsPerSecond, windowMs: 1000 };
  const startLimits = Object.fromEntries(FAMILIES.map(({ name }) => [name, limit]));
  return { concurrency: workerConcurrency, leaseMs, ...(isLocal && { startLimits }) };
}

/** Tells callers what ended. */
function createSender({ config, store, clock, logger }: Ground, messageLog: MessageLog): NotificationSender {
  const read = (file: string | undefined) => (file === undefined ? undefined : readFileSync(file, "utf8"));
  const tls = {
    certificate: read(config.notifyCertificateFile),
    key: read(config.notifyKeyFile),
    authorities: read(config.notifyAuthoritiesFile),
  };
  const source = {
    organisation: config.notifyOrganisation,
    userName: config.notifyUser,
    applicationName: config.notifyApplication,
  };
  const client = new NotificationClient(new HttpClient({ clock, tls }), source, config.notifyTimeoutMs);
  const { notifications } = store;
  const settings = { retryDelayMs: config.notifyRetryDelayMs };
  return new NotificationSender({ notifications, messageLog, client, clock, logger }, settings);
}

/** How long whoever attests a checkpoint has for it, and octets of an answer. */
const ATTEST_TIMEOUT_MS = 10_000;
const MOST_ATTESTED = 65_536;

async function collect(chunks: AsyncIterable<Uint8Array>, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > most) throw new MetergateError("ILLEGAL_RESPONSE", `an answer of more than ${most} octets`);
    parts.push(chunk);
  }
  return concatBytes(...parts);
}

/** Signs checkpoints of the message log. @throws MetergateError VAULT_UNREADABLE */
async function createPublisher({ config, store, clock, random, logger }: Ground): Promise<Publisher> {
  const { keyFile, directory } = logPaths(config);
  const keys = LogKeys.open(keyFile, random, config.logName);
  if (config.databaseUrl !== undefined) await requireShared(store.agreements, LOG_KEYS, [keys.name], keyFile);
  const client = new HttpClient({ clock });
  const post: Post = async (url, body, contentType) => {
    const headers = { "content-type": contentType };
    const request = {
      method: "POST",
      url: new URL(url),
      headers,
      body,
      isAllowed: () => true,
      timeoutMs: ATTEST_TIMEOUT_MS,
    } as const;
    const { status, chunks } = await client.stream(request, ATTEST_TIMEOUT_MS);
    return { status, body: await collect(chunks, MOST_ATTESTED) };
  };
  const attestors: Attestor[] = parseWitnesses(config.logWitnesses).map((each) =>
    cosignedBy(each, store.messageLog, post),
  );
  if (config.logTimestampUrl !== undefined) attestors.push(stampedBy(config.logTimestampUrl, clock, random, post));
  if (config.logUrl !== undefined) attestors.push(sentTo(config.logUrl, post));
  return new Publisher({
    ...{ log: store.messageLog, directory, clock, random, attestors },
    signers: () => keys.signers(),
    onRefused: (name, err) => logger.warn({ err, name }, "a checkpoint of the message log was not attested"),
  });
}

/**
 * Puts the parts together; nothing of it acts by itself yet.
 * @throws MetergateError VAULT_UNREADABLE
 * @throws TrustError when certificates cannot be used
 */
export async function assemble(given: Ground): Promise<Parts> {
  const { config, clock, random, logger } = given;
  const metrics = config.adminPort === undefined ? undefined : await newMetrics();
  const store = metrics ? timedStore(given.store, metrics.storeCalls, clock) : given.store;
  const ground = { ...given, store };
  const agreements = config.databaseUrl === undefined ? undefined : store.agreements;
  const vault = await openKeyVault({
    ...{ secrets: store.secrets, keyFile: config.vaultKeyFile, agreements, clock, random },
  });
  const inventory = new Inventory(store.devices, clock);
  const organisations = new Organisations(store.organisations, clock);
  const messageLog = new MessageLog(store.messageLog, clock);
  const retryPolicy = { delayMs: config.retryDelayMs, maxRetries: config.maxRetries };
  const queue = new RequestQueue(store.requests, clock, retryPolicy);
  const platformKeys = await PlatformKeys.open(config.dataDir);
  if (agreements) {
    const own = [sha256Hex(Buffer.from(platformKeys.publicKey))];
    await requireShared(agreements, PLATFORM_KEY, own, `the private key in ${config.dataDir}`);
  }
  const ownerOf = (device: string) => inventory.ownerOf(device);
  const events = new DeviceEvents({ pushes: store.pushes, messageLog, ownerOf, clock, random, logger });
  const messages = new DeviceMessages(messageLog, (err, count) =>
    logger.warn({ err, count }, "messages of devices that are debugged could not be kept"),
  );
  const systemEvents = new SystemEvents({ events: store.systemEvents, ownerOf, clock, random });
  const reports = new DeviceReports({ reports: store.reports, messageLog, ownerOf, clock, random });
  const forFamilies = familyParts(ground, { vault, inventory, platformKeys, events, systemEvents, messages, reports });
  const families: Adapter[] = FAMILIES.map((family) => family.open(forFamilies));
  const platformPorts = {
    ...{ vault, applicationKeys: new ApplicationKeys(store.devices), records: inventory, messages: store.messageLog },
    ...{ platformKeys, newDevices: new NewDevices({ families: FAMILIES, devices: store.devices, vault, clock }) },
    protocolsOf: (family: string) => familyNamed(family).protocols,
    explain: (family: string, message: Uint8Array) => familyNamed(family).explain(message),
  };
  const platform = new PlatformAdapter(platformPorts, clock);
  const findDevice = (identification: string) => inventory.find(identification);
  const isAuthorised: RunDependencies["isAuthorised"] = (organisation, device, ...asked) =>
    inventory.isAuthorised(organisation, device, ...asked);
  const isEnabled = (organisation: string) => organisations.isEnabled(organisation);
  const findOrganisation = (identification: string) => organisations.find(identification);
  const sender = createSender(ground, messageLog);
  const worker = new Worker(
    {
      ...{ queue, adapters: [...families, platform], clock, random, logger, findDevice, isAuthorised, isEnabled },
      permits: sharedPermits(ground),
      onFinished: () => void sender.wake(),
      onEnded: (family, ending) => metrics?.runs.inc({ family, ending }),
    },
    workerSettings(config),
  );
  const acceptance = new Acceptance({
    checks: {
      findOrganisation,
      isAuthorised,
      findDevice,
      route: async (device, operation) => {
        const family: Pick<Family, "name" | "route"> | undefined = FAMILIES.find(({ name }) => name === device.family);
        return family?.route?.(device, operation, findDevice) ?? device;
      },
      whyUnsupported: (target, device, operation, request) => {
        const staysHere = findOperation(operation)?.runsOn === "platform";
        const adapter = staysHere ? platform : families.find(({ family }) => family === device.family);
        if (!adapter) return `${device.family} devices are not served here`;
        return adapter.whyUnsupported(target, device, operation, request);
      },
    },
    requests: store.requests,
    queueLimit: new QueueLimit(store.requests, clock, config.maxWaitingPerOrganisation),
    log: messageLog,
    clock,
    random,
  });
  const { messagesPerSecondPerOrganisation: messagesPerSecond } = config;
  const admission = new Admission({ findOrganisation, clock, messagesPerSecond });
  const results = new Results(store.requests, messageLog);
  const address: Address = { baseUrl: "" };
  const credentials = await Credentials.open(config, clock, logger);
  if (metrics) await readOnLook(metrics, { store, credentials, clock });
  const tokenPasswords = config.usernameTokens
    ? TokenPasswords.open(join(config.dataDir, "token.key"), random)
    : undefined;
  if (agreements && tokenPasswords) {
    await requireShared(agreements, TOKEN_KEY, [tokenPasswords.keyId], `token.key in ${config.dataDir}`);
  }
  const app = createSoapApp({
    requests: {
      accept: async (input) => {
        const accepted = await acceptance.accept(input);
        metrics?.accepted.inc({ operation: input.operation });
        return accepted;
      },
      fetch: (input) => results.fetch(input),
      fetchBundle: (input) => results.fetchBundle(input),
      listDevices: (input) => devicePage(inventory, organisations, input),
      deleteResponseData: (input) => results.deleteResponseData(input),
      fetchAlarm: async (input) => {
        const push = await events.fetch(input);
        const { device, description: decodedMessage, message: encodedMessage, alarms } = push;
        return { device, decodedMessage, encodedMessage, alarms };
      },
      fetchSystemEvent: (input) => systemEvents.fetch(input),
    },
    messageLog,
    security: new Security({
      ...{ credentials, clock, callerNameIn: config.callerNameIn, usernameTokens: config.usernameTokens },
      passwordOf: async (identification, user) => {
        const organisation = await findOrganisation(identification);
        return organisation && tokenPasswords?.passwordOf(organisation, user);
      },
      remember: (key, untilMs) => store.replays.remember(key, clock.now(), untilMs),
    }),
    peers: new Peers({ ...config, credentials, clock }),
    callers: {
      isOrganisationKnown: (organisation) => organisations.isOrganisationKnown(organisation),
      admit: (organisation) => admission.admit(organisation),
    },
    logger,
    onRefused: (code) => metrics?.refused.inc({ code }),
    clock,
    publicUrl: () => config.publicUrl ?? address.baseUrl,
    maxBodyBytes: config.maxBodyBytes,
    validateResponses: config.validateResponses,
  });
  const familyTasks = FAMILIES.flatMap((family) => family.tasks(forFamilies));
  const publisher = await createPublisher(ground);
  return {
    ...ground,
    vault,
    worker,
    adapters: families,
    app,
    sender,
    publisher,
    familyTasks,
    credentials,
    metrics,
    address,
    closing: { lingers: false },
  };
}
