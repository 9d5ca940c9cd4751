import type { Hex } from "../../lib/bytes.ts";
import { refuse } from "../checks.ts";
import { defineOperation, type Nothing } from "../operation.ts";

export interface DatabaseMaintenance {
  readonly action: "restore" | "zero" | "split";
  /** Nothing older, nothing younger; milliseconds since 1970. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
  /** All registers when empty. */
  readonly databaseIds: readonly number[];
  /** Of a restore alone: a chunk of the backup. Chunks come from the newest to the oldest. */
  readonly data?: Hex | undefined;
  readonly moreChunks?: boolean | undefined;
}

/** Writes back, wipes or divides what an eGauge meter has counted. */
export const maintainDatabase = defineOperation<DatabaseMaintenance, Nothing>({
  name: "MaintainDatabase",
  group: "MANAGEMENT",
  effect: "moves",
  notification: "MAINTAIN_DATABASE",
  failure: "fault",
  isDangerous: ({ action }) => action !== "split",
  check({ action, fromMs, toMs, data, moreChunks }) {
    if ((action === "restore") !== (data !== undefined)) refuse("Data is for RESTORE, and RESTORE needs it");
    if (action !== "restore" && moreChunks !== undefined) refuse("MoreChunks is for RESTORE");
    if (fromMs !== undefined && toMs !== undefined && toMs < fromMs) refuse("To lies before From");
  },
});
