import type { ErrorRecord } from "../domain/errors.ts";
import type { CommandContext } from "./context.ts";
import { lookInto } from "./data.ts";

const time = (ms: number) => new Date(ms).toISOString();
const inWords = ({ code, message }: ErrorRecord) => `${code}: ${message}`;

/**
 * `requests show UID`: prints how a request stands. Never what it asks for or was answered: that may hold secrets.
 * @returns the exit code: 1 when there is no such request
 */
export async function requestsShow(context: CommandContext, correlationUid: string): Promise<number> {
  const found = await lookInto(context.config(), async ({ requests }) => {
    const request = await requests.find(correlationUid);
    return request && { request, attempts: await requests.attempts(request.id) };
  });
  if (!found) {
    context.print("no request has this correlation UID, or its retention has ended");
    return 1;
  }
  const { request, attempts } = found;
  const { caller, operation, device, routeDevice, state, finishedMs, error } = request;
  context.print(`${operation} for ${device}${routeDevice === device ? "" : ` through ${routeDevice}`}: ${state}`);
  context.print(`asked by ${caller.organisation}, user ${caller.userName}, application ${caller.applicationName}`);
  context.print(`accepted ${time(request.acceptedMs)}`);
  if (state === "waiting") context.print(`due ${time(request.dueMs)}`);
  for (const { attempt, claimedMs, endedMs, ending, error: why } of attempts) {
    context.print(`attempt ${attempt} ${time(claimedMs)} for ${endedMs - claimedMs} ms: ${ending}`);
    if (why) context.print(`  ${inWords(why)}`);
  }
  if (finishedMs !== undefined) context.print(`ended ${time(finishedMs)}`);
  if (error) context.print(`  ${inWords(error)}`);
  for (const [position, outcome] of request.outcomes.entries()) {
    const how = !outcome ? "no outcome yet" : outcome.ok ? "done" : inWords(outcome.error);
    context.print(`action ${position + 1}: ${how}`);
  }
  return 0;
}
