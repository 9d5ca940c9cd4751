/**
 * The message log becomes a Merkle tree: payloads that can be erased, salts, kinds of entries, tiles, checkpoints.
 * Entries of release 0.1.0 are taken over as they are. SQLite cannot let a column be empty afterwards, so the table is
 * copied: with a large log, the first start after this takes a while and as much room again.
 */
export const statements = [
  `
    create table message_log_now (
      -- place of the leaf, from 0 and without gaps; "index" is a reserved word
      leaf_index integer primary key check (leaf_index >= 0),
      version integer not null,
      class text not null
        check (class in ('message', 'poll', 'stranger', 'device', 'deed', 'event', 'log')),
      time_ms integer not null,
      organisation text not null,
      user_name text not null,
      application text not null,
      service text not null,
      operation text not null,
      device text not null,
      correlation_uid text not null,
      direction text not null check (direction in ('in', 'out', 'to-device', 'from-device')),
      redactions integer not null check (redactions >= 0),
      -- SHA-256 of the salt and what is stored, and of its own salt and the message as it was if secrets were replaced
      stored_hash blob not null check (length(stored_hash) = 32),
      original_hash blob check (length(original_hash) = 32),
      -- of entries of version 1, which were hashed when they were written; the others are when they come into the tree
      leaf_hash blob check (length(leaf_hash) = 32),
      -- empty once they are erased; behind all that is read without them
      salt blob,
      original_salt blob,
      payload blob
    ) strict`,
  `
    insert into message_log_now
      select leaf_index, version,
        case
          when direction in ('to-device', 'from-device') then 'device'
          when service in ('operator', 'vault', 'platform') then 'deed'
          when operation like '% not finished' then 'poll'
          else 'message'
        end,
        time_ms, organisation, user_name, application, service, operation, device, correlation_uid, direction, redactions,
        coalesce(unhex(stored_sha256), zeroblob(32)),
        case when body_sha256 <> stored_sha256 then coalesce(unhex(body_sha256), zeroblob(32)) end,
        leaf_hash, x'', null, body
      from message_log order by leaf_index`,
  "drop table message_log",
  "alter table message_log_now rename to message_log",
  "create index message_log_correlation_uid on message_log (correlation_uid)",
  `
    create index message_log_device on message_log (device, leaf_index)
      where direction in ('to-device', 'from-device')`,
  // What the log says about itself is looked for by whoever verifies it.
  "create index message_log_itself on message_log (leaf_index) where class = 'log'",
  "alter table message_log_head add column integrated integer not null default 0",
  "alter table message_log_head add column signed integer not null default 0",
  `
    create table log_tile (
      -- −1: entries
      level integer not null check (level >= -1),
      number integer not null,
      -- 32 octets each, 256 at most
      hashes blob not null check (length(hashes) between 32 and 8192 and length(hashes) % 32 = 0),
      primary key (level, number)
    ) strict, without rowid`,
  `
    create table log_checkpoint (
      size integer primary key check (size >= 0),
      note text not null,
      made_ms integer not null,
      stamped_note text,
      timestamp_response blob
    ) strict`,
  `
    create table log_hold (
      name text primary key,
      reason text not null,
      since_ms integer not null,
      -- what is empty covers all
      organisation text,
      device text,
      correlation_uid text
    ) strict`,
];
