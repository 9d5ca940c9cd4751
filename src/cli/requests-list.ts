import type { CommandContext } from "./context.ts";
import { lookInto } from "./data.ts";
import { formatTable } from "./table.ts";

const MOST = 50;

/** `requests list`: prints how many requests wait and run, and the oldest of them: what hangs is on top. */
export async function requestsList(context: CommandContext): Promise<void> {
  const [counts, requests] = await lookInto(context.config(), ({ requests }) =>
    Promise.all([requests.countUnfinished(), requests.listUnfinished(MOST)]),
  );
  const { running, ready, parked, later } = counts;
  context.print(`${running} running, ${ready} ready, ${parked} behind another of their device, ${later} due later`);
  if (requests.length === 0) return;
  const rows = requests.map((request) => [
    new Date(request.acceptedMs).toISOString(),
    request.operation,
    request.device,
    request.place,
    String(request.attempt),
    request.lastError?.code ?? "-",
  ]);
  const heading = ["accepted", "operation", "device", "place", "attempt", "last error"];
  const [first, ...lines] = formatTable([heading, ...rows]).split("\n");
  context.print(first!);
  for (const [i, { correlationUid, lastError }] of requests.entries()) {
    context.print(lines[i]!);
    if (lastError) context.print(`  ${lastError.message}`);
    context.print(`  ${correlationUid}`);
  }
}

/** `requests list --failed`: prints what failed, latest first, until retention removes it. */
export async function failedList(context: CommandContext): Promise<void> {
  const failed = await lookInto(context.config(), ({ requests }) => requests.listFailed(MOST));
  if (failed.length === 0) return context.print("no request failed");
  const rows = failed.map(({ finishedMs, operation, device, attempt, error }) => [
    new Date(finishedMs).toISOString(),
    operation,
    device,
    String(attempt),
    error?.code ?? "-",
  ]);
  const [first, ...lines] = formatTable([["ended", "operation", "device", "attempt", "error"], ...rows]).split("\n");
  context.print(first!);
  for (const [i, { correlationUid, error }] of failed.entries()) {
    context.print(lines[i]!);
    if (error) context.print(`  ${error.message}`);
    context.print(`  ${correlationUid}`);
  }
}
