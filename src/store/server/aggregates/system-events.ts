import { SYSTEM_EVENT } from "../../notifications.ts";
import { type SystemEventRow, toEvent } from "../../rows/system-event.ts";
import type { SystemEventsStore } from "../../system-events.ts";
import { AT_MOST, type Session } from "../session.ts";
import { writeEntries } from "./message-log.ts";
import { notifyOrganisation } from "./notifications.ts";

const COLUMNS = ["correlation_uid", "organisation", "device", "type", "at_ms", "reason"];

export function systemEvents(db: Session): SystemEventsStore {
  return {
    async keepNew({ correlationUid, organisation, device, type, atMs, reason }, sinceMs, entries) {
      // Two nodes may notice the same at the same time: one of them after the other.
      db.lock(`system event ${device} ${type}`);
      const known = await db.get(
        "select 1 as known from system_event where device = ? and type = ? and at_ms >= ?",
        ...[device, type, sinceMs],
      );
      if (known) return false;
      db.insert("system_event", COLUMNS, [[correlationUid, organisation, device, type, atMs, reason]]);
      await notifyOrganisation(db, { correlationUid, organisation, device, about: SYSTEM_EVENT, result: "OK" });
      writeEntries(db, entries);
      return true;
    },
    async find(correlationUid) {
      const row = await db.get<SystemEventRow>("select * from system_event where correlation_uid = ?", correlationUid);
      return row && toEvent(row);
    },
    list: async (limit) =>
      (await db.all<SystemEventRow>(`select * from system_event order by at_ms desc ${AT_MOST}`, limit)).map(toEvent),
    purge: (beforeMs, limit) =>
      db.run(
        `delete from system_event where correlation_uid in
           (select correlation_uid from system_event where at_ms < ? order by at_ms
            ${AT_MOST})`,
        ...[beforeMs, limit],
      ),
  };
}
