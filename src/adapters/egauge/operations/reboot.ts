import { MetergateError } from "../../../domain/errors.ts";
import { reboot } from "../../../operations/egauge/reboot.ts";
import { execution, type OperationContext } from "../execution.ts";
import { awaitRestart, type Boot, type RestartNote, readBoot } from "../restart.ts";
import { earlier, sendOnce, unknownOutcome } from "../sent-once.ts";

/** A meter that was told begins within a second; so many looks are half a minute at least. */
const LOOKS = 8;

/**
 * Starts the meter anew. Whether it was told shows in when it began to run: a meter that runs as before a good while after
 * a lost answer was not told, and is told now.
 */
export const rebootExecution = execution(reboot, {
  async run(context, { allowAddressChange }) {
    const before = await earlier<RestartNote>(context);
    const first = before && (await awaitRestart(context, before, LOOKS));
    if (first && first !== "same") return resultOf(first);
    if (!before && !allowAddressChange) await requireSameAddress(context);
    const note: RestartNote = { sent: true, boot: before?.boot ?? (await readBoot(context)) };
    await sendOnce(context, "/cmd/reboot", {}, note);
    const seen = await awaitRestart(context, note, LOOKS);
    if (seen === "same") throw unknownOutcome("The meter was told to start anew and runs as before");
    return resultOf(seen);
  },
});

function resultOf(seen: Boot | "locked" | "away"): { readonly bootMs?: number } {
  if (seen === "away") throw unknownOutcome("The meter was told to start anew and did not come back to its address");
  if (seen === "locked") throw unknownOutcome("The meter does not know us any more since it was told to start anew");
  return seen.bootMs === undefined ? {} : { bootMs: seen.bootMs };
}

async function requireSameAddress({ meter }: OperationContext): Promise<void> {
  if ((await meter.result("/sys/reboot")) !== true) return;
  const text =
    "settings of the meter wait for a start, and it may come back at another address; AllowAddressChange allows that";
  throw new MetergateError("VALIDATION_ERROR", text);
}
