/** Requests with what their actions ended with, their attempts, and the message ids that were used. */
export const statements = [
  `
    create table request (
      id integer primary key,
      correlation_uid text not null unique,
      organisation text not null,
      user_name text not null,
      application text not null,
      operation text not null,
      device text not null,
      -- the device that is connected to: the electricity meter in front of an M-Bus device
      route_device text not null,
      -- JSON array of actions
      actions text not null,
      action_count integer not null check (action_count > 0),
      priority integer not null check (priority between 0 and 9),
      max_schedule_time_ms integer,
      bypass_retry integer not null check (bypass_retry in (0, 1)),
      response_url text,
      accepted_ms integer not null,

      state text not null check (state in ('waiting', 'running', 'succeeded', 'failed')),
      -- where a waiting request stands: before its due time, next to be claimed, or behind one of the same device
      lane text check (lane in ('later', 'ready', 'parked')),
      due_ms integer not null,
      -- claims so far; fences every write of a run
      attempt integer not null default 0 check (attempt >= 0),
      retries integer not null default 0 check (retries >= 0),
      worker text,
      claimed_ms integer,
      lease_until_ms integer,
      finished_ms integer,
      -- of a request that failed as a whole
      error_code text,
      error_message text,

      check ((state = 'waiting') = (lane is not null)),
      check ((state = 'running') = (worker is not null)),
      check ((state = 'running') = (claimed_ms is not null)),
      check ((state = 'running') = (lease_until_ms is not null)),
      check ((state in ('succeeded', 'failed')) = (finished_ms is not null)),
      check (error_code is null or state = 'failed'),
      check ((error_code is null) = (error_message is null))
    ) strict`,
  // One association per device: a second running request of the same device cannot be stored.
  "create unique index request_running on request (route_device) where state = 'running'",
  "create index request_later on request (due_ms) where lane = 'later'",
  "create index request_ready on request (priority desc, id) where lane = 'ready'",
  "create index request_parked on request (route_device, priority desc, id) where lane = 'parked'",
  "create index request_lease on request (lease_until_ms) where state = 'running'",
  `create index request_expiry on request (max_schedule_time_ms)
     where state = 'waiting' and max_schedule_time_ms is not null`,
  "create index request_finished on request (finished_ms) where finished_ms is not null",
  `
    create table request_action (
      request_id integer not null references request (id) on delete cascade,
      -- place of the action in its request, from 0
      position integer not null check (position >= 0),
      -- JSON of the action's outcome
      outcome text not null,
      attempt integer not null,
      primary key (request_id, position)
    ) strict, without rowid`,
  `
    create table request_attempt (
      request_id integer not null references request (id) on delete cascade,
      attempt integer not null check (attempt > 0),
      worker text not null,
      claimed_ms integer not null,
      ended_ms integer not null,
      ending text not null check (ending in ('succeeded', 'failed', 'retried', 'snoozed', 'released')),
      error_code text,
      error_message text,
      primary key (request_id, attempt),
      check ((error_code is null) = (error_message is null))
    ) strict, without rowid`,
  `
    create table request_message_id (
      organisation text not null,
      message_id text not null,
      -- lower-case hexadecimal SHA-256 of the message that came with the id
      body_sha256 text not null,
      correlation_uid text not null,
      accepted_ms integer not null,
      primary key (organisation, message_id)
    ) strict, without rowid`,
  "create index request_message_id_age on request_message_id (accepted_ms)",
];
