import { MetergateError } from "../../domain/errors.ts";
import { type Clock, plus, since, sleep } from "../../lib/clock.ts";
import type { CloudDeviceId } from "../../smart-energy/device-id.ts";
import { node } from "../../smart-energy/element.ts";
import type { SciDeviceReply, SciReply } from "../../smart-energy/sci.ts";
import type { CloudAccount, CloudClient } from "./cloud-client.ts";
import type { Inbox } from "./inbox.ts";

/** How often a job is looked after. */
const JOB_POLL_MS = 1_000;
/** Answers that are fetched at once, and rounds in which a gateway can keep us busy. */
const ANSWERS_AT_ONCE = 50;
const MOST_ROUNDS = 20;

export interface CloudParts {
  readonly client: CloudClient;
  readonly inbox: Inbox;
  readonly clock: Clock;
}

/** A gateway as the cloud reaches it. */
export interface CloudGateway {
  readonly account: CloudAccount;
  readonly deviceId: CloudDeviceId;
}

/**
 * What a job has come to, once the cloud is done with it; undefined when it knows no such job.
 * @throws MetergateError RESPONSE_TIMEOUT when it is not done in time; what the client throws
 */
export async function awaitJob(
  { client, clock }: Pick<CloudParts, "client" | "clock">,
  account: CloudAccount,
  jobId: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<SciReply | undefined> {
  const ends = plus(clock.elapsed(), timeoutMs);
  for (;;) {
    const reply = await client.job(account, jobId, signal);
    if (!reply || reply.isComplete) return reply;
    if (since(clock, ends) >= 0 || signal.aborted) {
      throw new MetergateError("RESPONSE_TIMEOUT", "Device Cloud did not finish a job in time");
    }
    await sleep(clock, JOB_POLL_MS, signal);
  }
}

/** Delivers what the gateways of a reply said; resolves when its events are durable. */
export async function deliverReply(inbox: Inbox, { devices }: SciReply, source: string): Promise<void> {
  for (const { deviceId, elements } of devices) await inbox.deliver(deviceId, elements, source);
}

/** Numbers of errors of the cloud that mean what they say; all others may pass by themselves. */
const UNKNOWN_TARGET = "303";

/**
 * The part of a reply that is of this gateway.
 * @throws MetergateError CONNECTION_ERROR when the cloud could not reach it; ILLEGAL_RESPONSE when it refused the whole
 */
export function requireReached({ devices, error }: SciReply, deviceId: CloudDeviceId): SciDeviceReply | undefined {
  const own = devices.find((device) => device.deviceId === deviceId);
  if (own?.error) {
    const { id, text } = own.error;
    const told = `Device Cloud could not reach the gateway: ${text}${id && ` (${id})`}`;
    throw new MetergateError("CONNECTION_ERROR", told, { retry: id !== UNKNOWN_TARGET });
  }
  if (error !== undefined && !own) throw new MetergateError("CONNECTION_ERROR", `Device Cloud refused: ${error}`);
  return own;
}

/**
 * Fetches what a gateway keeps in its buffer, and delivers it. The gateway forgets what it hands out, so a job of the
 * cloud holds it until it is durable here: whatever breaks on the way, the job is found again by `recoverJobs`.
 * @returns how many answers and events there were
 */
export async function drainBuffer(
  parts: CloudParts,
  { account, deviceId }: CloudGateway,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<number> {
  const { client, inbox } = parts;
  const commands = [node("get_responses", { limit: String(ANSWERS_AT_ONCE) })];
  let count = 0;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const jobId = await client.start(account, { deviceId, target: "RPC_response", commands }, signal);
    const reply = await awaitJob(parts, account, jobId, timeoutMs, signal);
    if (!reply) return count;
    await deliverReply(inbox, reply, account.cloud);
    await client.forget(account, jobId, signal);
    const own = requireReached(reply, deviceId);
    count += own?.elements.length ?? 0;
    if (!own || own.remaining === 0) return count;
  }
  return count;
}
