import { SoapFault } from "../fault.ts";

/** How old a message may be, and how far clocks may differ. */
const WINDOW_MS = 5 * 60_000;
const SKEW_MS = 60_000;
/** xsd:dateTime in UTC or with a distance to it; without one it names no instant. */
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

function instantMs(text: string, name: string): number {
  const ms = DATE_TIME.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new SoapFault("Client", `${name} is no date and time with a time zone`);
  return ms;
}

/**
 * Lets pass what was made within the last five minutes, give or take a minute.
 * @returns the instant, in epoch milliseconds, after which it would be refused for its age, so that nobody needs to remember it
 * @throws SoapFault Client with what the clock here says
 */
export function requireFresh(created: string, expires: string | undefined, nowMs: number): number {
  const createdMs = instantMs(created, "Created");
  const clock = `the clock here says ${new Date(nowMs).toISOString()}`;
  const [earliestMs, latestMs] = [ago(nowMs, WINDOW_MS + SKEW_MS), ago(nowMs, -SKEW_MS)];
  if (createdMs > latestMs) throw new SoapFault("Client", `The message was created in the future; ${clock}`);
  if (createdMs < earliestMs) throw new SoapFault("Client", `The message is older than five minutes; ${clock}`);
  if (expires !== undefined && instantMs(expires, "Expires") < ago(nowMs, SKEW_MS)) {
    throw new SoapFault("Client", `The message has expired; ${clock}`);
  }
  return ago(createdMs, -(WINDOW_MS + 2 * SKEW_MS));
}

function ago(momentMs: number, ms: number): number {
  return momentMs - ms;
}
