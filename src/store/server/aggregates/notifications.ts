import type { Delivery, NotificationAddress, NotificationsStore, StoredNotification } from "../../notifications.ts";
import { readNetworks } from "../../notifications.ts";
import {
  type News,
  NOTIFICATION_COLUMNS,
  type NotificationRow,
  originOf,
  REPLAY,
  toNotification,
} from "../../rows/notification.ts";
import { AT_MOST, type Session, type SqlValue } from "../session.ts";
import { writeEntries } from "./message-log.ts";

async function insert(
  db: Session,
  news: News,
  application: string,
  url: string,
  responseUrl: string | null,
): Promise<void> {
  const { correlationUid, organisation, device, about, result, message = null } = news;
  const { nowMs } = await db.time();
  const values = [correlationUid, organisation, application, device, about, result, message];
  db.insert("notification", NOTIFICATION_COLUMNS, [[...values, responseUrl, url, originOf(url), nowMs, nowMs]]);
}

/** Puts down that a request ended, if it named an address or its application has one. */
export async function notifyCaller(
  db: Session,
  news: News,
  application: string,
  responseUrl: string | null,
): Promise<void> {
  const url = responseUrl ?? (await addressOf(db, news.organisation, application));
  if (url !== undefined) await insert(db, news, application, url, responseUrl);
}

/** Puts down what nobody asked for, for every application of the organisation that has an address. */
export async function notifyOrganisation(db: Session, news: News): Promise<void> {
  const addresses = await db.all<NotificationAddress>(
    "select * from notification_address where organisation = ? order by application",
    news.organisation,
  );
  for (const { application, url } of addresses) await insert(db, news, application, url, null);
}

async function addressOf(db: Session, organisation: string, application: string): Promise<string | undefined> {
  const sql = "select url from notification_address where organisation = ? and application = ?";
  return (await db.get<{ url: string }>(sql, organisation, application))?.url;
}

/** Origins that something waits for: a seek for each, however many notifications wait for it. */
async function waitingOrigins(db: Session): Promise<string[]> {
  const next = "select min(origin) as origin from notification where state = 'waiting'";
  const origins: string[] = [];
  let row = await db.get<{ origin: string | null }>(next);
  while (row && row.origin !== null) {
    origins.push(row.origin);
    row = await db.get(`${next} and origin > ?`, row.origin);
  }
  return origins;
}

async function settle(
  db: Session,
  { id, failures }: { id: number; failures: number },
  delivery: Delivery,
): Promise<boolean> {
  const fence = "where id = ? and failures = ? and state = 'waiting'";
  if (delivery.kind === "acknowledged") return (await db.run(`delete from notification ${fence}`, id, failures)) > 0;
  const sql = `update notification set state = ?, failures = failures + 1, due_ms = ?, last_error = ? ${fence}`;
  const [state, dueMs] = delivery.kind === "again" ? ["waiting", delivery.dueMs] : ["dead", (await db.time()).nowMs];
  return (await db.run(sql, state, dueMs, delivery.error, id, failures)) > 0;
}

/** Gives what was for an address of the application the one that it has now. */
async function readdress(db: Session, where: string, ...values: SqlValue[]): Promise<void> {
  const rows = await db.all<{ id: number; organisation: string; application: string }>(
    `select id, organisation, application from notification where response_url is null and ${where}`,
    ...values,
  );
  for (const { id, organisation, application } of rows) {
    const url = await addressOf(db, organisation, application);
    if (url === undefined) continue;
    db.send("update notification set url = ?, origin = ? where id = ?", url, originOf(url), id);
  }
}

/** A condition for each that is given, and what it binds. */
function conditions(given: Readonly<Record<string, string | undefined>>): readonly [sql: string, values: string[]] {
  const entries = Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return [entries.map(([column]) => ` and ${column} = ?`).join(""), entries.map(([, value]) => value)];
}

export function notifications(db: Session): NotificationsStore {
  return {
    async setAddress({ organisation, application, url }, entries = []) {
      db.upsert("notification_address", { organisation, application }, { url });
      await readdress(db, "state = 'waiting' and organisation = ? and application = ?", organisation, application);
      writeEntries(db, entries);
    },
    async removeAddress(organisation, application, entries = []) {
      const sql = "delete from notification_address where organisation = ? and application = ?";
      const removed = (await db.run(sql, organisation, application)) > 0;
      if (removed) writeEntries(db, entries);
      return removed;
    },
    addresses: () =>
      db.all<NotificationAddress>("select * from notification_address order by organisation, application"),

    async allow({ organisation, origin, networks }, entries = []) {
      db.upsert("notification_origin", { organisation, origin }, { networks: JSON.stringify(networks) });
      writeEntries(db, entries);
    },
    async disallow(organisation, origin, entries = []) {
      const sql = "delete from notification_origin where organisation = ? and origin = ?";
      const removed = (await db.run(sql, organisation, origin)) > 0;
      if (removed) writeEntries(db, entries);
      return removed;
    },
    async allowed(organisation) {
      const [where, values] = conditions({ organisation });
      const rows = await db.all<{ organisation: string; origin: string; networks: string }>(
        `select * from notification_origin where 1 = 1${where} order by organisation, origin`,
        ...values,
      );
      return rows.map((row) => ({ ...row, networks: readNetworks(row.networks) }));
    },

    async due(perOrigin, except) {
      const { nowMs } = await db.time();
      const due: StoredNotification[] = [];
      for (const origin of await waitingOrigins(db)) {
        if (except.includes(origin)) continue;
        const rows = await db.all<NotificationRow>(
          `select * from notification where state = 'waiting' and origin = ? and due_ms <= ?
           order by due_ms, id ${AT_MOST}`,
          ...[origin, nowMs, perOrigin],
        );
        due.push(...rows.map(toNotification));
      }
      return due;
    },
    async settle(sent, delivery, entries) {
      const settled = await settle(db, sent, delivery);
      if (settled) writeEntries(db, entries);
      return settled;
    },

    async count() {
      const rows = await db.all<{ state: "waiting" | "dead"; number: number }>(
        "select state, count(*) as number from notification group by state",
      );
      return { waiting: 0, dead: 0, ...Object.fromEntries(rows.map(({ state, number }) => [state, number])) };
    },
    list: async (state, limit) =>
      (
        await db.all<NotificationRow>(
          `select * from notification where state = ? order by created_ms, id ${AT_MOST}`,
          ...[state, limit],
        )
      ).map(toNotification),
    async replay({ organisation, correlationUid }, entries = []) {
      const [where, values] = conditions({ organisation, correlation_uid: correlationUid });
      const dead = await db.all<{ id: number }>(`select id from notification where state = 'dead'${where}`, ...values);
      const ids = dead.map(({ id }) => id);
      await readdress(db, `id ${db.among}`, ids);
      const { nowMs } = await db.time();
      for (const id of ids) db.send(REPLAY, nowMs, id);
      if (ids.length > 0) writeEntries(db, entries);
      return ids.length;
    },
    purge: (beforeMs, limit) =>
      db.run(
        `delete from notification where id in
           (select id from notification where state = 'dead' and created_ms < ? order by created_ms ${AT_MOST})`,
        ...[beforeMs, limit],
      ),
  };
}
