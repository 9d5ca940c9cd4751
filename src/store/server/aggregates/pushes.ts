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
import { AT_MOST, type Session } from "../session.ts";
import { writeEntries } from "./message-log.ts";
import { notifyOrganisation } from "./notifications.ts";

/** @returns whether there is a row that this push could be added to */
async function addToUnknown(db: Session, { source, device, receivedMs, description }: UnknownPush): Promise<boolean> {
  const sql = `update unknown_push set pushes = pushes + 1, last_ms = ?, description = ?
    where source = ? and device = ?`;
  return (await db.run(sql, receivedMs, description, source, device)) > 0;
}

async function countUnknown(db: Session, push: UnknownPush): Promise<void> {
  if (await addToUnknown(db, push)) return;
  // One at a time, or two would both be the last that there is room for.
  db.lock("unknown pushes");
  if (await addToUnknown(db, push)) return;
  const count = async (where: string, ...values: string[]) =>
    (await db.get<{ number: number }>(`select count(*) as number from unknown_push ${where}`, ...values))!.number;
  const row = (await count("where source = ?", push.source)) < DEVICES_PER_SOURCE ? push : { ...push, device: "" };
  if (row !== push && (await addToUnknown(db, row))) return;
  if ((await count("")) >= MOST_UNKNOWN) {
    const oldest = await db.get<UnknownPushRow>(
      `select source, device from unknown_push order by last_ms, source, device ${AT_MOST}`,
      1,
    );
    await db.run("delete from unknown_push where source = ? and device = ?", oldest!.source, oldest!.device);
  }
  db.insert(
    "unknown_push",
    ["source", "device", "pushes", "first_ms", "last_ms", "description"],
    [[row.source, row.device, 1, row.receivedMs, row.receivedMs, row.description]],
  );
}

/** Takes a counter over, if it is higher than all before it under the device's active key. */
async function isNew(db: Session, { device, key, counter }: PushCounter): Promise<boolean> {
  const sql = `update secret set push_counter = ? where device = ? and type = ? and state = 'ACTIVE'
    and coalesce(push_counter, -1) < ?`;
  return (await db.run(sql, counter, device, key, counter)) > 0;
}

const COLUMNS = ["correlation_uid", "organisation", "device", "received_ms", "alarms", "description", "message"];

export function pushes(db: Session): PushesStore {
  return {
    async keep(push, entries, counter) {
      if (counter && !(await isNew(db, counter))) return false;
      if (push) {
        const { correlationUid, organisation, device, receivedMs, alarms, description, message } = push;
        const row = [correlationUid, organisation, device, receivedMs, JSON.stringify(alarms), description, message];
        db.insert("push", COLUMNS, [row]);
        await notifyOrganisation(db, { correlationUid, organisation, device, about: PUSHED_ALARM, result: "OK" });
      }
      writeEntries(db, entries);
      return true;
    },
    async find(correlationUid) {
      const row = await db.get<PushRow>("select * from push where correlation_uid = ?", correlationUid);
      return row && toPush(row);
    },
    list: async (limit) =>
      (await db.all<PushRow>(`select * from push order by received_ms desc ${AT_MOST}`, limit)).map(toListedPush),
    purge: (beforeMs, limit) =>
      db.run(
        `delete from push where correlation_uid in
           (select correlation_uid from push where received_ms < ? order by received_ms ${AT_MOST})`,
        ...[beforeMs, limit],
      ),
    countUnknown: (push) => countUnknown(db, push),
    listUnknown: async (limit) =>
      (await db.all<UnknownPushRow>(`select * from unknown_push order by last_ms desc ${AT_MOST}`, limit)).map(
        ({ first_ms: firstMs, last_ms: lastMs, ...row }) => ({ ...row, firstMs, lastMs }),
      ),
  };
}
