import { processorUs, type Server, threadMs } from "./child.ts";
import { type BesideStore, besideSqlite, insertRequests } from "./database.ts";
import {
  FIRMWARE,
  memoryMb,
  ORGANISATION,
  type Prepared,
  prepare,
  startMeters,
  startNode,
  startWorker,
} from "./service.ts";
import { meterName } from "./sessions.ts";

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Leaves requests to all of so many meters in turn lying, as they are when nobody works on them. */
async function leaveWaiting(beside: BesideStore, requests: number, meters: number): Promise<void> {
  const device = `'BENCH' || substr(cast(1000000000001 + n % ${meters} as varchar(13)), 2)`;
  await insertRequests(beside, requests, { state: "waiting", prefix: "b", organisation: ORGANISATION, device });
}

const UNFINISHED = "select count(*) from request where (state = 'running' or lane in ('ready', 'parked'))";
const AT_WORK = "select count(distinct worker) from request where state = 'running'";
const ENDED = "select count(*) from request where finished_ms is not null";

async function finished(beside: BesideStore): Promise<void> {
  while ((await beside.number(UNFINISHED)) > 0) await wait(50);
}

export interface Served {
  readonly perSecond: number;
  /** Of all workers, for each request; and of the server of the database. */
  readonly processorUs: number;
  readonly databaseUs: number;
  /** Part of the time in which the first worker's first thread ran or wanted to run: 1 is all that one core gives. */
  readonly busy: number;
  /** Of the first worker's memory, before it had something to do and at most. */
  readonly idleMb: number;
  readonly mostMb: number;
}

export interface ServedOptions {
  readonly meters: number;
  /** Requests of each meter. */
  readonly rounds: number;
  /** What a meter takes to answer, and to be connected to. */
  readonly roundTripMs: number;
  /** Processes that work on requests, and meters that each talks to at the same time: all when absent. */
  readonly workers?: number;
  readonly places?: number;
  /** An empty database on a server; an embedded one when absent. */
  readonly database?: BesideStore | undefined;
}

/** Has all meters served by processes that have places for all, from the first claim to the last end. */
export async function serveMeters(options: ServedOptions): Promise<Served> {
  const { meters, rounds, roundTripMs, workers: count = 1, places = meters, database } = options;
  const fleet = await startMeters(meters, roundTripMs);
  const prepared = prepare(fleet.ports, database?.url);
  const beside = database ?? besideSqlite(prepared.dataDir);
  const env = { ...prepared.env, METERGATE_WORKER_CONCURRENCY: String(places) };
  const workers: Server[] = [];
  try {
    for (let i = 0; i < count; i++) workers.push(await startWorker({ env }));
    await wait(1_000);
    const pids = workers.map(({ process }) => process.pid);
    const idleMb = memoryMb(pids[0])?.now ?? Number.NaN;
    const used = () => pids.reduce<number>((sum, pid) => sum + (processorUs(pid) ?? Number.NaN), 0);
    const thread = () => {
      const { ran, waited } = threadMs(pids[0]) ?? { ran: Number.NaN, waited: 0 };
      return ran + waited;
    };
    await leaveWaiting(beside, meters * rounds, meters);
    // Nobody wakes them.
    while ((await beside.number(AT_WORK)) < count) await wait(5);
    const ended = await beside.number(ENDED);
    const before = { us: used(), databaseUs: await beside.processorUs(), threadMs: thread(), atMs: performance.now() };
    await finished(beside);
    const [tookMs, requests] = [performance.now() - before.atMs, meters * rounds - ended];
    return {
      perSecond: requests / (tookMs / 1000),
      processorUs: (used() - before.us) / requests,
      databaseUs: ((await beside.processorUs()) - before.databaseUs) / requests,
      busy: (thread() - before.threadMs) / tookMs,
      idleMb,
      mostMb: memoryMb(pids[0])?.most ?? Number.NaN,
    };
  } finally {
    for (const { stop } of workers) await stop();
    if (!database) await beside.close();
    prepared.remove();
    await fleet.stop();
  }
}

const PROBES = 40;
const PROBE_EVERY_MS = 250;

/** From acceptance to the end, of requests of priority 9 that are sent now and then. */
export interface Urgent {
  readonly medianMs: number;
  readonly mostMs: number;
  /** How many others were still waiting in the end. */
  readonly waiting: number;
}

async function sendProbes({ port }: { readonly port: number }, meters: number): Promise<void> {
  const { path, document, device } = FIRMWARE;
  for (let i = 0; i < PROBES; i++) {
    // All over the meters, and none of them twice.
    const name = meterName(Math.floor((i * meters) / PROBES));
    const priority = "<com:MessagePriority>9</com:MessagePriority></soapenv:Header>";
    const body = document.replace(device, name).replace("</soapenv:Header>", priority);
    const headers = { "content-type": "text/xml; charset=utf-8", soapaction: '""' };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", headers, body });
    if (response.status !== 200) throw new RangeError(`a probe was refused: ${await response.text()}`);
    await wait(PROBE_EVERY_MS);
  }
}

/** How long urgent requests take while so many others wait for so many meters, with the places of the default. */
export async function urgentUnderBacklog(backlog: number, meters: number, roundTripMs: number): Promise<Urgent> {
  const fleet = await startMeters(meters, roundTripMs);
  const prepared: Prepared = prepare(fleet.ports);
  const beside = besideSqlite(prepared.dataDir);
  try {
    if (backlog > 0) await leaveWaiting(beside, backlog, meters);
    const node = await startNode(prepared);
    await wait(3_000);
    await sendProbes(node, meters);
    while ((await beside.number(`${UNFINISHED} and priority = 9`)) > 0) await wait(50);
    const took = `select finished_ms - accepted_ms as ms from request where priority = 9 order by 1`;
    const [medianMs, mostMs] = [
      await beside.number(`${took} limit 1 offset ${PROBES / 2}`),
      await beside.number(`${took} limit 1 offset ${PROBES - 1}`),
    ];
    const waiting = await beside.number("select count(*) from request where state = 'waiting'");
    await node.stop();
    return { medianMs, mostMs, waiting };
  } finally {
    await beside.close();
    prepared.remove();
    await fleet.stop();
  }
}
