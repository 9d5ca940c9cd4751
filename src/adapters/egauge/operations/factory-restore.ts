import { factoryRestore } from "../../../operations/egauge/factory-restore.ts";
import { execution } from "../execution.ts";
import { awaitRestart, type RestartNote, readBoot } from "../restart.ts";
import { earlier, sendOnce, unknownOutcome } from "../sent-once.ts";

/** A meter that was told begins within a second; so many looks are half a minute at least. */
const LOOKS = 8;

/**
 * The meter starts anew, and then knows only the password that it was delivered with: either shows that it was told.
 */
export const factoryRestoreExecution = execution(factoryRestore, {
  async run(context) {
    const before = await earlier<RestartNote>(context);
    const note: RestartNote = before ?? { sent: true, boot: await readBoot(context) };
    if (!before) await sendOnce(context, "/cmd/factory-restore", {}, note);
    const seen = await awaitRestart(context, note, LOOKS);
    if (seen === "same")
      throw unknownOutcome("The meter was told to go back to its settings on delivery and has not started anew");
    if (seen === "away")
      throw unknownOutcome("The meter was told to go back to its settings on delivery and did not come back");
    context.meter.forgetToken();
    return {};
  },
});
