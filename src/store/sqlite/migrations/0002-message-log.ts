/** The message log: one row per leaf, and where the next one goes. */
export const statements = [
  `
    create table message_log (
      -- place of the leaf, from 0 and without gaps; "index" is a reserved word
      leaf_index integer primary key check (leaf_index >= 0),
      version integer not null,
      time_ms integer not null,
      organisation text not null,
      user_name text not null,
      application text not null,
      service text not null,
      operation text not null,
      device text not null,
      correlation_uid text not null,
      direction text not null check (direction in ('in', 'out', 'to-device', 'from-device')),
      -- lower-case hexadecimal SHA-256 of the message as it was on the wire, and of what is stored
      body_sha256 text not null,
      stored_sha256 text not null,
      redactions integer not null check (redactions >= 0),
      body blob not null,
      leaf_hash blob not null check (length(leaf_hash) = 32)
    ) strict`,
  "create index message_log_correlation_uid on message_log (correlation_uid)",
  // The row that writers take their indexes from. Locking it puts writers in line, in databases that have several.
  `
    create table message_log_head (
      id integer primary key check (id = 1),
      next_index integer not null check (next_index >= 0)
    ) strict`,
  "insert into message_log_head (id, next_index) values (1, 0)",
];
