import { toHex } from "../../../lib/bytes.ts";
import { type DatabaseMaintenance, maintainDatabase } from "../../../operations/egauge/maintain-database.ts";
import { done, wireForm } from "../wire-form.ts";

export const maintainDatabaseForm = wireForm(maintainDatabase, "egauge-commands:MaintainDatabase", {
  request: ({ Action, From, To, DatabaseId, Data, MoreChunks }) => ({
    action: Action.toLowerCase() as DatabaseMaintenance["action"],
    ...(From && { fromMs: From.getTime() }),
    ...(To && { toMs: To.getTime() }),
    databaseIds: DatabaseId,
    ...(Data && { data: toHex(Data) }),
    ...(MoreChunks !== undefined && { moreChunks: MoreChunks }),
  }),
  response: done,
});
