import { BLOCKED, BUSY } from "../server/aggregates/claim-conditions.ts";
import { AT_MOST, type Statements } from "../server/session.ts";

/** Epoch milliseconds. */
export const NOW_MS = "floor(extract(epoch from clock_timestamp()) * 1000)::bigint";

const listed = (names: readonly string[]) => names.join(", ");
const marks = (count: number) => new Array(count).fill("?").join(", ");

/** Texts of inserts by their head and number of rows: long ones, needed for every transaction. */
const inserts = new Map<string, string>();

/** What PostgreSQL writes its own way. */
export const STATEMENTS: Statements = {
  upsert: (table, keys, others) =>
    `insert into ${table} (${listed([...keys, ...others])}) values (${marks(keys.length + others.length)})
     on conflict (${listed(keys)}) do update set ${listed(others.map((name) => `${name} = excluded.${name}`))}`,

  insertIfNew: (table, keys, others) =>
    `insert into ${table} (${listed([...keys, ...others])}) values (${marks(keys.length + others.length)})
     on conflict (${listed(keys)}) do nothing`,

  insert(table, columns, rows) {
    const head = `insert into ${table} (${listed(columns)}) values `;
    const key = `${head}${rows}`;
    const text = inserts.get(key) ?? head + new Array(rows).fill(`(${marks(columns.length)})`).join(", ");
    inserts.set(key, text);
    return text;
  },

  updateReturning: (table, set, where, columns) =>
    `update ${table} set ${set} where ${where} returning ${listed(columns.map((name) => `${table}.${name}`))}`,

  selectLocked: (columns, table, where) => `select ${listed(columns)} from ${table} where ${where} for no key update`,

  selectShared: (columns, table, where) =>
    `select ${listed(columns)} from ${table} where ${where} for share skip locked`,

  candidates: `select id, device, route_device, writes, ${BUSY} as busy, ${BLOCKED} as blocked
    from request where lane = 'ready' and family = ? and organisation = ? order by priority desc, id ${AT_MOST}
    for no key update skip locked`,

  promote: `update request set lane = 'ready' where id in
    (select id from request where lane = 'later' and due_ms <= ? order by due_ms, id ${AT_MOST}
     for no key update skip locked)`,

  tryLocks: `select name from unnest(?::text[]) as name
    where pg_try_advisory_xact_lock(hashtextextended(current_schema() || name, 1))`,

  // The parked lines of a device are walked by organisation: a seek for each, however many stand in it.
  unparkFirst: `with recursive parked (organisation) as (
      select min(organisation) from request where lane = 'parked' and route_device = ?
      union all
      select (select min(organisation) from request
              where lane = 'parked' and route_device = ? and organisation > parked.organisation)
      from parked where parked.organisation is not null)
    update request set lane = 'ready' where lane = 'parked' and id in
      (select (select id from request where lane = 'parked' and route_device = ?
                 and organisation = parked.organisation and ${BLOCKED} = 0
               order by priority desc, id limit 1)
       from parked where parked.organisation is not null)`,

  nextTurn: "select nextval('request_turn') as turn",

  insertNews(table, columns, rows, keys) {
    return `${this.insert(table, columns, rows)} on conflict (${listed(keys)}) do nothing returning ${listed(keys)}`;
  },

  now: `select ${NOW_MS} as "databaseMs"`,

  octets: "octet_length",

  lock: "select pg_advisory_xact_lock(hashtextextended(current_schema() || ?, 0))",

  acquireLease: `insert into lease (name, holder, token, until_ms) values (?, ?, 1, ?)
    on conflict (name) do update set holder = excluded.holder, token = lease.token + 1, until_ms = excluded.until_ms
    where lease.holder = excluded.holder or lease.until_ms <= ?
    returning token`,
};
