import { MetergateError } from "../../domain/errors.ts";
import type { Task } from "../../domain/task.ts";
import { repeat } from "../../lib/repeat.ts";
import { descendantsNamed, parseElement } from "../../smart-energy/element.ts";
import { SmartEnergyFormatError } from "../../smart-energy/errors.ts";
import { type AccountParts, accountOf } from "./accounts.ts";
import { type CloudParts, deliverReply, drainBuffer } from "./buffer.ts";
import type { CloudAccount } from "./cloud-client.ts";
import type { Gateway } from "./device.ts";
import type { GatewayDirectory } from "./directory.ts";

export interface PollerParts extends CloudParts, AccountParts {
  readonly directory: GatewayDirectory;
  readonly everyMs: number;
  readonly timeoutMs: number;
  readonly logger: { warn(context: Record<string, unknown>, text: string): void };
}

/** Gateways that are asked at the same time: a silent one holds up no more than its place. */
const AT_THE_SAME_TIME = 8;
/** Status of a job that is finished. */
const FINISHED = "2";

/** Fetches what gateways keep for us, and what an earlier process began to fetch and did not end. */
export function bufferPoller(parts: PollerParts): Task {
  const stopping = { current: new AbortController() };
  let stop: () => Promise<void> = async () => {};
  // Jobs that were there a round ago: whoever began them has had the time to end them.
  let lingering = new Map<string, ReadonlySet<string>>();
  return {
    name: "buffers of Smart Energy gateways",
    once: true,
    start() {
      stopping.current = new AbortController();
      const { signal } = stopping.current;
      const onError = (err: unknown) => parts.logger.warn({ err }, "gateways of Smart Energy could not be polled");
      const round = async () => {
        lingering = await pollAll(parts, lingering, signal);
      };
      stop = repeat(parts.clock, parts.everyMs, round, onError);
    },
    stop() {
      stopping.current.abort();
      return stop();
    },
  };
}

/** @returns finished jobs that fetch buffers, by account */
async function pollAll(
  parts: PollerParts,
  lingering: ReadonlyMap<string, ReadonlySet<string>>,
  signal: AbortSignal,
): Promise<Map<string, ReadonlySet<string>>> {
  const gateways = [...(await parts.directory.all())];
  const accounts = new Map<string, CloudAccount>();
  const poll = async () => {
    for (let gateway = gateways.shift(); gateway && !signal.aborted; gateway = gateways.shift()) {
      await complaining(parts, gateway, async () => {
        const account = await accountOf(parts, gateway, { purpose: "polling" });
        accounts.set(`${account.user} at ${account.cloud}`, account);
        await drainBuffer(parts, { account, deviceId: gateway.smartEnergy.deviceId }, parts.timeoutMs, signal);
      });
    }
  };
  await Promise.all(Array.from({ length: AT_THE_SAME_TIME }, poll));
  const seen = new Map<string, ReadonlySet<string>>();
  for (const [name, account] of accounts) {
    const jobs = await recoverJobs(parts, account, lingering.get(name) ?? new Set(), signal).catch(() => undefined);
    if (jobs) seen.set(name, jobs);
  }
  return seen;
}

async function complaining({ logger }: PollerParts, gateway: Gateway, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof MetergateError)) throw error;
    const { identification: device } = gateway;
    logger.warn({ device, code: error.code }, `a gateway could not be polled: ${error.message}`);
  }
}

/**
 * Delivers what a process fetched that then was gone, and has the cloud forget it. Only jobs that fetch buffers of
 * gateways that are known here, and only those that were there a round ago.
 * @returns those that are there now
 */
async function recoverJobs(
  { client, inbox, directory }: PollerParts,
  account: CloudAccount,
  lingering: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<Set<string>> {
  const present = new Set<string>();
  for (const job of jobsIn(await client.get(account, "/ws/sci", signal))) {
    present.add(job);
    if (!lingering.has(job)) continue;
    const reply = await client.job(account, job, signal);
    if (!reply?.isComplete || reply.devices.length === 0) continue;
    const isOurs = await Promise.all(reply.devices.map(({ deviceId }) => directory.find(deviceId)));
    if (!reply.devices.every(({ isBuffer }) => isBuffer) || isOurs.includes(undefined)) continue;
    await deliverReply(inbox, reply, account.cloud);
    await client.forget(account, job, signal);
  }
  return present;
}

function jobsIn(text: string): string[] {
  try {
    return descendantsNamed(parseElement(text), "Job").flatMap((job) => {
      const value = (name: string) => job.children.find((child) => child.name === name)?.text.trim();
      const id = value("jobId") ?? "";
      return value("jobStatus") === FINISHED && /^\d{1,20}$/.test(id) ? [id] : [];
    });
  } catch (error) {
    if (error instanceof SmartEnergyFormatError) return [];
    throw error;
  }
}
