import { KEY, NAME, TEXT } from "../texts.ts";
import { rowsAlone } from "./columns.ts";

/** The message log: one row per leaf, entries that have no place yet, the tree, and what is said of them. */
const LEAF = `
      version bigint not null,
      class ${NAME} not null
        check (class in ('message', 'poll', 'stranger', 'device', 'deed', 'event', 'log')),
      time_ms bigint not null,
      organisation ${TEXT} not null,
      user_name ${TEXT} not null,
      application ${TEXT} not null,
      service ${TEXT} not null,
      operation ${TEXT} not null,
      device ${KEY} not null,
      correlation_uid ${KEY} not null,
      direction ${NAME} not null check (direction in ('in', 'out', 'to-device', 'from-device')),
      redactions bigint not null check (redactions >= 0),
      -- SHA-256 of the salt and what is stored, and of its own salt and the message as it was if secrets were replaced
      stored_hash varbinary(max) not null check (datalength(stored_hash) = 32),
      original_hash varbinary(max) check (datalength(original_hash) = 32),
      -- empty once they are erased
      salt varbinary(max),
      original_salt varbinary(max),
      payload varbinary(max)`;
export const statements = [
  `create table message_log (
      -- place of the leaf, from 0 and without gaps; "index" is a reserved word
      leaf_index bigint primary key check (leaf_index >= 0),
      -- of entries of version 1, which were hashed when they were written; the others are when they come into the tree
      leaf_hash varbinary(max) check (datalength(leaf_hash) = 32), ${LEAF}
    )`,
  "create index message_log_correlation_uid on message_log (correlation_uid)",
  `create index message_log_device on message_log (device, leaf_index)
     where direction in ('to-device', 'from-device')`,
  // What the log says about itself is looked for by whoever verifies it.
  "create index message_log_itself on message_log (leaf_index) where class = 'log'",
  `create table message_log_head (
      id bigint primary key check (id = 1),
      next_index bigint not null check (next_index >= 0),
      integrated bigint not null default 0,
      signed bigint not null default 0
    )`,
  "insert into message_log_head (id, next_index) values (1, 0)",
  // Writers do not wait for each other; the sequencer gives places to what is committed.
  "create sequence message_log_batch as bigint start with 1",
  `create table message_log_waiting (
      -- of a transaction, and the entry's place in it
      batch bigint not null,
      ordinal bigint not null, ${LEAF},
      primary key (batch, ordinal)
    )`,
  rowsAlone("message_log_waiting"),
  `create table log_tile (
      -- −1: entries
      level bigint not null check (level >= -1),
      number bigint not null,
      -- 32 octets each, 256 at most
      hashes varbinary(max) not null
        check (datalength(hashes) between 32 and 8192 and datalength(hashes) % 32 = 0),
      primary key (level, number)
    )`,
  `create table log_checkpoint (
      size bigint primary key check (size >= 0),
      note ${TEXT} not null,
      made_ms bigint not null,
      stamped_note ${TEXT},
      timestamp_response varbinary(max)
    )`,
  `create table log_hold (
      name ${KEY} primary key,
      reason ${TEXT} not null,
      since_ms bigint not null,
      -- what is empty covers all
      organisation ${KEY},
      device ${KEY},
      correlation_uid ${KEY}
    )`,
];
