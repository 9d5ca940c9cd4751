import { SYSTEM_EVENT } from "../../notifications.ts";
import type { StoredSystemEvent, SystemEventsStore } from "../../system-events.ts";
import type { Connection, Synchronous } from "../connection.ts";
import { writeEntries } from "./message-log.ts";
import { notifyOrganisation } from "./notifications.ts";

interface Row {
  readonly correlation_uid: string;
  readonly organisation: string;
  readonly device: string;
  readonly type: string;
  readonly at_ms: number;
  readonly reason: string;
}

function toEvent({ correlation_uid: correlationUid, at_ms: atMs, ...row }: Row): StoredSystemEvent {
  return { correlationUid, atMs, ...row };
}

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
      const row = db.get<Row>("select * from system_event where correlation_uid = ?", correlationUid);
      return row && toEvent(row);
    },
    list: (limit) => db.all<Row>("select * from system_event order by at_ms desc limit ?", limit).map(toEvent),
    purge: (beforeMs, limit) =>
      db.run(
        `delete from system_event where correlation_uid in
           (select correlation_uid from system_event where at_ms < ? order by at_ms limit ?)`,
        ...[beforeMs, limit],
      ),
  };
}
