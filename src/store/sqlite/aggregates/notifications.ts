import type { Delivery, NotificationAddress, NotificationsStore } from "../../notifications.ts";
import { readNetworks } from "../../notifications.ts";
import {
  type News,
  NOTIFICATION_COLUMNS,
  type NotificationRow,
  originOf,
  REPLAY,
  toNotification,
} from "../../rows/notification.ts";
import type { Connection, SqlValue, Synchronous } from "../connection.ts";
import { writeEntries } from "./message-log.ts";

function insert(db: Connection, news: News, application: string, url: string, responseUrl: string | null): void {
  const { correlationUid, organisation, device, about, result, message = null } = news;
  const values: SqlValue[] = [correlationUid, organisation, application, device, about, result, message];
  db.insert("notification", NOTIFICATION_COLUMNS, [[...values, responseUrl, url, originOf(url), db.nowMs, db.nowMs]]);
}

/**
 * Puts down that a request ended.
 * @param url to tell it to: the one that the request named, or its application's
 */
export function notifyCaller(
  db: Connection,
  news: News,
  application: string,
  url: string,
  responseUrl: string | null,
): void {
  insert(db, news, application, url, responseUrl);
}

/** Puts down what nobody asked for, for every application of the organisation that has an address. */
export function notifyOrganisation(db: Connection, news: News): void {
  const addresses = db.all<NotificationAddress>(
    "select * from notification_address where organisation = ?",
    news.organisation,
  );
  for (const { application, url } of addresses) insert(db, news, application, url, null);
}

function addressOf(db: Connection, organisation: string, application: string): string | undefined {
  const sql = "select url from notification_address where organisation = ? and application = ?";
  return db.get<{ url: string }>(sql, organisation, application)?.url;
}

/** Origins that something waits for: a seek for each, however many notifications wait for it. */
const WAITING_ORIGINS = `with recursive waiting (origin) as (
    select min(origin) from notification where state = 'waiting'
    union all
    select (select min(origin) from notification where state = 'waiting' and origin > waiting.origin)
    from waiting where waiting.origin is not null)
  select origin from waiting where origin is not null`;

function settle(db: Connection, { id, failures }: { id: number; failures: number }, delivery: Delivery): boolean {
  const fence = "where id = ? and failures = ? and state = 'waiting'";
  if (delivery.kind === "acknowledged") return db.run(`delete from notification ${fence}`, id, failures) > 0;
  const sql = `update notification set state = ?, failures = failures + 1, due_ms = ?, last_error = ? ${fence}`;
  const [state, dueMs] = delivery.kind === "again" ? ["waiting", delivery.dueMs] : ["dead", db.nowMs];
  return db.run(sql, state, dueMs, delivery.error, id, failures) > 0;
}

/** Gives what was for an address of the application the one that it has now. */
function readdress(db: Connection, where: string, ...values: SqlValue[]): void {
  const rows = db.all<{ id: number; organisation: string; application: string }>(
    `select id, organisation, application from notification where response_url is null and ${where}`,
    ...values,
  );
  for (const { id, organisation, application } of rows) {
    const url = addressOf(db, organisation, application);
    if (url === undefined) continue;
    db.run("update notification set url = ?, origin = ? where id = ?", url, originOf(url), id);
  }
}

export function notifications(db: Connection): Synchronous<NotificationsStore> {
  return {
    setAddress({ organisation, application, url }, entries = []) {
      db.run(
        `insert into notification_address (organisation, application, url) values (?, ?, ?)
         on conflict (organisation, application) do update set url = excluded.url`,
        ...[organisation, application, url],
      );
      readdress(db, "state = 'waiting' and organisation = ? and application = ?", organisation, application);
      writeEntries(db, entries);
    },
    removeAddress(organisation, application, entries = []) {
      const sql = "delete from notification_address where organisation = ? and application = ?";
      const removed = db.run(sql, organisation, application) > 0;
      if (removed) writeEntries(db, entries);
      return removed;
    },
    addresses: () =>
      db.all<NotificationAddress>("select * from notification_address order by organisation, application"),

    allow({ organisation, origin, networks }, entries = []) {
      db.run(
        `insert into notification_origin (organisation, origin, networks) values (?, ?, ?)
         on conflict (organisation, origin) do update set networks = excluded.networks`,
        ...[organisation, origin, JSON.stringify(networks)],
      );
      writeEntries(db, entries);
    },
    disallow(organisation, origin, entries = []) {
      const removed =
        db.run("delete from notification_origin where organisation = ? and origin = ?", organisation, origin) > 0;
      if (removed) writeEntries(db, entries);
      return removed;
    },
    allowed: (organisation) =>
      db
        .all<{ organisation: string; origin: string; networks: string }>(
          "select * from notification_origin where organisation = coalesce(?, organisation) order by organisation, origin",
          organisation ?? null,
        )
        .map((row) => ({ ...row, networks: readNetworks(row.networks) })),

    due(perOrigin, except) {
      const origins = db.all<{ origin: string }>(WAITING_ORIGINS).filter(({ origin }) => !except.includes(origin));
      return origins.flatMap(({ origin }) =>
        db
          .all<NotificationRow>(
            `select * from notification where state = 'waiting' and origin = ? and due_ms <= ?
             order by due_ms, id limit ?`,
            ...[origin, db.nowMs, perOrigin],
          )
          .map(toNotification),
      );
    },
    settle(sent, delivery, entries) {
      const settled = settle(db, sent, delivery);
      if (settled) writeEntries(db, entries);
      return settled;
    },

    count() {
      const rows = db.all<{ state: "waiting" | "dead"; number: number }>(
        "select state, count(*) as number from notification group by state",
      );
      return { waiting: 0, dead: 0, ...Object.fromEntries(rows.map(({ state, number }) => [state, number])) };
    },
    list: (state, limit) =>
      db
        .all<NotificationRow>(
          "select * from notification where state = ? order by created_ms, id limit ?",
          state,
          limit,
        )
        .map(toNotification),
    replay({ organisation, correlationUid }, entries = []) {
      const dead = db.all<{ id: number }>(
        `select id from notification where state = 'dead'
           and organisation = coalesce(?, organisation) and correlation_uid = coalesce(?, correlation_uid)`,
        ...[organisation ?? null, correlationUid ?? null],
      );
      const ids = JSON.stringify(dead.map(({ id }) => id));
      readdress(db, "id in (select value from json_each(?))", ids);
      for (const { id } of dead) db.run(REPLAY, db.nowMs, id);
      if (dead.length > 0) writeEntries(db, entries);
      return dead.length;
    },
    purge: (beforeMs, limit) =>
      db.run(
        `delete from notification where id in
           (select id from notification where state = 'dead' and created_ms < ? order by created_ms limit ?)`,
        ...[beforeMs, limit],
      ),
  };
}
