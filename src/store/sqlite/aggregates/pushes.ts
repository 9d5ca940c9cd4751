import { PUSHED_ALARM } from "../../notifications.ts";
import type { PushCounter, PushesStore, UnknownPush } from "../../pushes.ts";
import {
  DEVICES_PER_SOURCE,
  MOST_UNKNOWN,
  type PushRow,
  toListedPush,
  toPush,
  type UnknownPushRow,
} from "../../rows/push.ts";
import type { Connection, Synchronous } from "../connection.ts";
import { writeEntries } from "./message-log.ts";
import { notifyOrganisation } from "./notifications.ts";

/** @returns whether there is a row that this push could be added to */
function addToUnknown(db: Connection, { source, device, receivedMs, description }: UnknownPush): boolean {
  const sql = `update unknown_push set pushes = pushes + 1, last_ms = ?, description = ?
    where source = ? and device = ?`;
  return db.run(sql, receivedMs, description, source, device) > 0;
}

function countUnknown(db: Connection, push: UnknownPush): void {
  if (addToUnknown(db, push)) return;
  const count = (where: string, ...values: string[]) =>
    db.get<{ rows: number }>(`select count(*) as rows from unknown_push ${where}`, ...values)!.rows;
  const row = count("where source = ?", push.source) < DEVICES_PER_SOURCE ? push : { ...push, device: "" };
  if (row !== push && addToUnknown(db, row)) return;
  if (count("") >= MOST_UNKNOWN) {
    db.run(`delete from unknown_push where (source, device) =
      (select source, device from unknown_push order by last_ms limit 1)`);
  }
  db.insert(
    "unknown_push",
    ["source", "device", "pushes", "first_ms", "last_ms", "description"],
    [[row.source, row.device, 1, row.receivedMs, row.receivedMs, row.description]],
  );
}

/** Takes a counter over, if it is higher than all before it under the device's active key. */
function isNew(db: Connection, { device, key, counter }: PushCounter): boolean {
  const sql = `update secret set push_counter = ? where device = ? and type = ? and state = 'ACTIVE'
    and coalesce(push_counter, -1) < ?`;
  return db.run(sql, counter, device, key, counter) > 0;
}

export function pushes(db: Connection): Synchronous<PushesStore> {
  return {
    keep(push, entries, counter) {
      if (counter && !isNew(db, counter)) return false;
      if (push) {
        db.run(
          `insert into push (correlation_uid, organisation, device, received_ms, alarms, description, message)
           values (?, ?, ?, ?, ?, ?, ?)`,
          ...[push.correlationUid, push.organisation, push.device, push.receivedMs],
          ...[JSON.stringify(push.alarms), push.description, push.message],
        );
        const { correlationUid, organisation, device } = push;
        notifyOrganisation(db, { correlationUid, organisation, device, about: PUSHED_ALARM, result: "OK" });
      }
      writeEntries(db, entries);
      return true;
    },
    find(correlationUid) {
      const row = db.get<PushRow>("select * from push where correlation_uid = ?", correlationUid);
      return row && toPush(row);
    },
    list: (limit) => db.all<PushRow>("select * from push order by received_ms desc limit ?", limit).map(toListedPush),
    purge: (beforeMs, limit) =>
      db.run(
        `delete from push where correlation_uid in
           (select correlation_uid from push where received_ms < ? order by received_ms limit ?)`,
        ...[beforeMs, limit],
      ),
    countUnknown: (push) => countUnknown(db, push),
    listUnknown: (limit) =>
      db
        .all<UnknownPushRow>("select * from unknown_push order by last_ms desc limit ?", limit)
        .map(({ first_ms: firstMs, last_ms: lastMs, ...row }) => ({ ...row, firstMs, lastMs })),
  };
}
