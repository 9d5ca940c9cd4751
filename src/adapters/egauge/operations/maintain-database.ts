import { fromHex } from "../../../lib/bytes.ts";
import { type DatabaseMaintenance, maintainDatabase } from "../../../operations/egauge/maintain-database.ts";
import { execution } from "../execution.ts";
import { earlier, type SentNote, sendOnce, unknownOutcome } from "../sent-once.ts";
import { formatStamp } from "../stamp.ts";

function bodyOf({ action, fromMs, toMs, databaseIds, data, moreChunks }: DatabaseMaintenance): object {
  return {
    action,
    ...(fromMs !== undefined && { from: formatStamp(fromMs) }),
    ...(toMs !== undefined && { to: formatStamp(toMs) }),
    ...(databaseIds.length > 0 && { regs: databaseIds }),
    ...(data !== undefined && { data: Buffer.from(fromHex(data)).toString("base64") }),
    ...(moreChunks !== undefined && { more_chunks: moreChunks }),
  };
}

/** What was counted shows nothing of whether it was wiped or written before: it is done once, or nobody knows. */
export const maintainDatabaseExecution = execution(maintainDatabase, {
  async run(context, request) {
    if (await earlier<SentNote>(context)) {
      throw unknownOutcome(
        "The answer to the command got lost, and the meter's database does not show what was done to it",
      );
    }
    await sendOnce<SentNote>(context, "/cmd/db", bodyOf(request), { sent: true });
    return {};
  },
});
