import { SYSTEM_EVENT } from "../../notifications.ts";
import { type SystemEventRow, toEvent } from "../../rows/system-event.ts";
import type { SystemEventsStore } from "../../system-events.ts";
import type { Connection, Synchronous } from "../connection.ts";
import { writeEntries } from "./message-log.ts";
import { notifyOrganisation } from "./notifications.ts";

export function systemEvents(db: Connection): Synchronous<SystemEventsStore> {
  return {
    keepNew({ correlationUid, organisation, device, type, atMs, reason }, sinceMs, entries) {
      const isNew =
        db.run(
          `insert into system_event (correlation_uid, organisation, device, type, at_ms, reason)
           select ?, ?, ?, ?, ?, ?
           where not exists (select 1 from system_event where device = ? and type = ? and at_ms >= ?)`,
          ...[correlationUid, organisation, device, type, atMs, reason],
          ...[device, type, sinceMs],
        ) > 0;
      if (isNew) {
        notifyOrganisation(db, { correlationUid, organisation, device, about: SYSTEM_EVENT, result: "OK" });
        writeEntries(db, entries);
      }
      return isNew;
    },
    find(correlationUid) {
      const row = db.get<SystemEventRow>("select * from system_event where correlation_uid = ?", correlationUid);
      return row && toEvent(row);
    },
    list: (limit) =>
      db.all<SystemEventRow>("select * from system_event order by at_ms desc limit ?", limit).map(toEvent),
    purge: (beforeMs, limit) =>
      db.run(
        `delete from system_event where correlation_uid in
           (select correlation_uid from system_event where at_ms < ? order by at_ms limit ?)`,
        ...[beforeMs, limit],
      ),
  };
}
