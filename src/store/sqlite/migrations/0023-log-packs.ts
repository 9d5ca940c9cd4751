import { LOG_COLUMNS, type LogRow } from "../../rows/log-entry.ts";
import { writeRows } from "../aggregates/log-pack.ts";
import type { Connection } from "../connection.ts";

/**
 * Entries that were written in one transaction become one row, with an index of what is looked for: a row of nineteen
 * columns for each cost more than everything else that a request takes.
 */
export const statements = [
  `
    create table message_log_pack (
      -- place of the first entry, from 0 on; the others follow it without gaps
      first_index integer primary key check (first_index >= 0),
      -- 32 octets for each entry: what stands in the tree for it
      entries blob not null check (length(entries) % 32 = 0),
      -- 32 octets for each entry: SHA-256 of the salt and what is stored
      commitments blob not null check (length(commitments) = length(entries)),
      -- a JSON array of one for each entry: where it begins in payloads; octets of the salt of the message as it was, of
      -- the salt, and of the payload, null once it is erased; the leaf, its hashes empty
      leaves text not null,
      -- salts and payloads
      payloads blob not null,
      -- how many octets they were before they were deflated (RFC 1951); null when they were not
      inflated_octets integer
    ) strict`,
  `
    create table message_log_place (
      -- "uid …", "device …" for messages between us and one device, "class log" for what the log says about itself
      name text not null,
      first_index integer not null,
      primary key (name, first_index)
    ) strict, without rowid`,
];

const ROWS_AT_A_TIME = 500;

/** The leaves, for whoever looks into the database with SQL. */
const VIEW = `
  create view message_log as
    select first_index + key as leaf_index, value ->> '$[4].version' as version, value ->> '$[4].class' as class,
      value ->> '$[4].timeMs' as time_ms, value ->> '$[4].organisation' as organisation,
      value ->> '$[4].user' as user_name, value ->> '$[4].application' as application,
      value ->> '$[4].service' as service, value ->> '$[4].operation' as operation, value ->> '$[4].device' as device,
      value ->> '$[4].correlationUid' as correlation_uid, value ->> '$[4].direction' as direction,
      value ->> '$[4].redactions' as redactions, value ->> '$[3]' as octets
    from message_log_pack, json_each(leaves) where type = 'array'`;

/** Takes over the rows that there are. With a large log this takes a while, and as much room again. */
export function convert(db: Connection): void {
  for (let from = 0; ; ) {
    const rows = db.all<LogRow>(
      `select ${LOG_COLUMNS.join(", ")} from message_log where leaf_index >= ? order by leaf_index limit ?`,
      ...[from, ROWS_AT_A_TIME],
    );
    writeRows(db, rows);
    if (rows.length < ROWS_AT_A_TIME) break;
    from = rows.at(-1)!.leaf_index + 1;
  }
  db.execute("drop table message_log");
  db.execute(VIEW);
}
