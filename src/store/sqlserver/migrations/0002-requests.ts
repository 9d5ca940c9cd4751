import { KEY, NAME, TEXT } from "../texts.ts";
import { idOf, rowsAlone } from "./columns.ts";

/** One of the two is there when and only when the other is. */
const together = (condition: string, opposite: string, column: string) =>
  `check (${condition} and ${column} is not null or ${opposite} and ${column} is null)`;
const ofRunning = (column: string) => together("state = 'running'", "state <> 'running'", column);

/** Requests with what their actions ended with, their attempts, the lines they wait in, and the message ids that were used. */
const REQUESTS = [
  "create sequence request_id as bigint start with 1",
  `create table request (
      id ${idOf("request")},
      correlation_uid ${KEY} not null unique,
      organisation ${KEY} not null,
      user_name ${TEXT} not null,
      application ${KEY} not null,
      operation ${NAME} not null,
      device ${KEY} not null,
      -- the device that is connected to: the electricity meter in front of an M-Bus device
      route_device ${KEY} not null,
      family ${NAME} not null,
      writes smallint not null check (writes in (0, 1)),
      -- JSON array of actions
      actions ${TEXT} not null,
      action_count bigint not null check (action_count > 0),
      priority smallint not null check (priority between 0 and 9),
      max_schedule_time_ms bigint,
      bypass_retry smallint not null check (bypass_retry in (0, 1)),
      response_url ${TEXT},
      accepted_ms bigint not null,

      state ${NAME} not null check (state in ('waiting', 'running', 'succeeded', 'failed')),
      -- where a waiting request stands: before its due time, next to be claimed, or behind one of the same device
      lane ${NAME} check (lane in ('later', 'ready', 'parked')),
      due_ms bigint not null,
      -- claims so far; fences every write of a run
      attempt bigint not null default 0 check (attempt >= 0),
      retries bigint not null default 0 check (retries >= 0),
      worker ${TEXT},
      claimed_ms bigint,
      lease_until_ms bigint,
      finished_ms bigint,
      -- of a request that failed as a whole
      error_code ${NAME},
      error_message ${TEXT},

      ${together("state = 'waiting'", "state <> 'waiting'", "lane")},
      ${ofRunning("worker")},
      ${ofRunning("claimed_ms")},
      ${ofRunning("lease_until_ms")},
      ${together("state in ('succeeded', 'failed')", "state not in ('succeeded', 'failed')", "finished_ms")},
      check (error_code is null or state = 'failed'),
      ${together("error_code is not null", "error_code is null", "error_message")}
    )`,
  // One association per device: a second running request of the same device cannot be stored.
  "create unique index request_running on request (route_device) where state = 'running'",
  "create index request_later on request (due_ms, id) include (organisation) where lane = 'later'",
  "create index request_ready on request (family, organisation, priority desc, id) where lane = 'ready'",
  "create index request_parked on request (route_device, organisation, priority desc, id) where lane = 'parked'",
  // Two columns cannot be compared in the condition of an index.
  "create index request_parked_target on request (device, route_device) where lane = 'parked'",
  `create index request_expiry on request (max_schedule_time_ms)
     where state = 'waiting' and max_schedule_time_ms is not null`,
  "create index request_finished on request (finished_ms) where finished_ms is not null",
  `create table request_action (
      request_id bigint not null references request (id) on delete cascade,
      -- place of the action in its request, from 0
      position bigint not null check (position >= 0),
      -- JSON of the action's outcome
      outcome ${TEXT} not null,
      attempt bigint not null,
      primary key (request_id, position)
    )`,
  `create table request_note (
      request_id bigint not null references request (id) on delete cascade,
      -- place of the action in its request, from 0
      position bigint not null check (position >= 0),
      -- JSON of what a later run has to know about the action
      note ${TEXT} not null,
      primary key (request_id, position)
    )`,
  `create table request_attempt (
      request_id bigint not null references request (id) on delete cascade,
      attempt bigint not null check (attempt > 0),
      worker ${TEXT} not null,
      claimed_ms bigint not null,
      ended_ms bigint not null,
      ending ${NAME} not null check (ending in ('succeeded', 'failed', 'retried', 'snoozed', 'released')),
      error_code ${NAME},
      error_message ${TEXT},
      primary key (request_id, attempt),
      ${together("error_code is not null", "error_code is null", "error_message")}
    )`,
  `create table request_message_id (
      organisation ${KEY} not null,
      message_id ${KEY} not null,
      -- lower-case hexadecimal SHA-256 of the message that came with the id
      body_sha256 ${NAME} not null,
      correlation_uid ${KEY} not null,
      accepted_ms bigint not null,
      primary key nonclustered (organisation, message_id)
    )`,
  "create index request_message_id_age on request_message_id (accepted_ms)",
  `create table write_turn (
      -- addressed or connected to
      device ${KEY} primary key,
      -- of the writing request that was begun and has not ended: no other one is begun meanwhile
      request_id bigint not null references request (id) on delete cascade
    )`,
  "create index write_turn_request on write_turn (request_id)",
  `create table request_line (
      family ${NAME} not null,
      organisation ${KEY} not null,
      -- grows with each turn of any line: the lowest is next
      turn bigint not null default 0,
      primary key nonclustered (family, organisation)
    )`,
  "create sequence request_turn as bigint start with 1",
  rowsAlone("request"),
];

/** What nodes share: leases by name, what all have in common, what must not come twice, permits for connections. */
const NODES = [
  `create table lease (
      name ${KEY} primary key,
      holder ${KEY} not null,
      -- counts the holders: fences what an earlier one still tries
      token bigint not null,
      until_ms bigint not null
    )`,
  `create table agreement (
      name ${KEY} primary key,
      value ${TEXT} not null
    )`,
  `create table replay (
      digest ${NAME} primary key,
      until_ms bigint not null
    )`,
  "create index replay_until on replay (until_ms)",
  `create table permit (
      id ${KEY} primary key,
      network ${KEY} not null,
      segment ${KEY},
      until_ms bigint not null
    )`,
  "create index permit_network on permit (network)",
  "create index permit_segment on permit (segment)",
  "create index permit_until on permit (until_ms)",
  `create table permit_bucket (
      name ${KEY} primary key,
      -- thousandths of a permit, and when there were so many
      tokens bigint not null,
      at_ms bigint not null
    )`,
  // What became of a transaction whose commit was not answered: the number of the latest one of each connection.
  `create table commit_mark (
      connection ${KEY} primary key,
      number bigint not null,
      at_ms bigint not null
    )`,
];

export const statements = [...REQUESTS, ...NODES];
