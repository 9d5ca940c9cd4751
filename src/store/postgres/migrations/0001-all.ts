import { TEXT } from "./text.ts";

const ID = "bigint generated always as identity primary key";

/** Organisations, devices and rights; secrets, who read them, and the keys of applications. */
const DEVICES = [
  `create table organisation (
      identification ${TEXT} primary key,
      -- JSON of what is known of it besides; rights are in device_authorisation
      record ${TEXT} not null default '{"enabled":true}'
    )`,
  `create table device (
      identification ${TEXT} primary key,
      -- JSON of the device; the columns below repeat what is looked for, or change on their own
      record ${TEXT} not null,
      gateway_device ${TEXT} references device (identification) deferrable initially deferred,
      mbus_identification_number ${TEXT},
      mbus_manufacturer ${TEXT},
      system_title ${TEXT},
      -- next value to use; null before it was ever known, 2^32 when the keys are spent
      invocation_counter bigint check (invocation_counter between 0 and 4294967296),
      -- JSON array of [from, to], ascending: counter values that were used ahead of it; null for none
      lent_counters ${TEXT},
      -- the attempt of the request that changes its keys
      key_processing_uid ${TEXT},
      key_processing_attempt bigint
    )`,
  `create index device_mbus on device (mbus_identification_number, mbus_manufacturer)
    where mbus_identification_number is not null`,
  "create index device_system_title on device (system_title) where system_title is not null",
  "create index device_gateway on device (gateway_device) where gateway_device is not null",
  `create table device_authorisation (
      device ${TEXT} not null references device (identification) on delete cascade,
      organisation ${TEXT} not null references organisation (identification),
      function_group ${TEXT} not null,
      primary key (device, organisation, function_group)
    )`,
  "create index device_authorisation_organisation on device_authorisation (organisation, device)",
  // Counts changes of the three tables above, so that another process notices that its copies are old.
  "create table inventory_version (version bigint not null)",
  "insert into inventory_version (version) values (0)",
  `create table device_firmware (
      device ${TEXT} not null references device (identification) on delete cascade,
      -- module of the contract, such as ACTIVE_FIRMWARE
      module ${TEXT} not null,
      version ${TEXT} not null,
      read_ms bigint not null,
      primary key (device, module)
    )`,
  `create table secret (
      id ${TEXT} primary key,
      device ${TEXT} not null references device (identification) on delete cascade,
      type ${TEXT} not null,
      state ${TEXT} not null check (state in ('NEW', 'ACTIVE', 'EXPIRED', 'WITHDRAWN')),
      state_since_ms bigint not null,
      -- action of a request that brought it; null when it was imported
      brought_by ${TEXT},
      -- key-encryption key that wraps the data key, and the wrapped data key
      kek_id ${TEXT} not null,
      wrapped_key bytea not null,
      -- the secret under the data key
      sealed bytea not null,
      -- of the device's own messages under this key; a counter never comes twice under one key
      push_counter bigint check (push_counter between 0 and 4294967295)
    )`,
  // More than one of these is an error; the database refuses it.
  "create unique index secret_new on secret (device, type) where state = 'NEW'",
  "create unique index secret_active on secret (device, type) where state = 'ACTIVE'",
  "create index secret_device on secret (device, type)",
  "create index secret_kek on secret (kek_id)",
  `create table secret_read (
      id ${ID},
      read_ms bigint not null,
      -- kept when secret and device are gone
      secret_id ${TEXT} not null,
      device ${TEXT} not null,
      type ${TEXT} not null,
      purpose ${TEXT} not null,
      correlation_uid ${TEXT}
    )`,
  "create index secret_read_device on secret_read (device, read_ms)",
  `create table application_key (
      organisation ${TEXT} not null references organisation (identification),
      application ${TEXT} not null,
      -- X.509 SubjectPublicKeyInfo, PEM
      public_key ${TEXT} not null,
      primary key (organisation, application)
    )`,
];

/** What devices sent by themselves, and what the platform noticed of them. */
const EVENTS = [
  `create table push (
      correlation_uid ${TEXT} primary key,
      organisation ${TEXT} not null,
      device ${TEXT} not null,
      received_ms bigint not null,
      -- JSON array of alarm names
      alarms ${TEXT} not null,
      description ${TEXT} not null,
      message bytea not null
    )`,
  "create index push_age on push (received_ms)",
  `create table unknown_push (
      -- IPv4 address or IPv6 network
      source ${TEXT} not null,
      -- as the push says; empty for all of a source beyond the first few
      device ${TEXT} not null,
      pushes bigint not null,
      first_ms bigint not null,
      last_ms bigint not null,
      -- the latest one in words
      description ${TEXT} not null,
      primary key (source, device)
    )`,
  "create index unknown_push_age on unknown_push (last_ms)",
  `create table system_event (
      correlation_uid ${TEXT} primary key,
      organisation ${TEXT} not null,
      device ${TEXT} not null,
      type ${TEXT} not null,
      at_ms bigint not null,
      reason ${TEXT} not null
    )`,
  "create index system_event_device on system_event (device, type, at_ms)",
  "create index system_event_age on system_event (at_ms)",
];

/** Firmware images, and how far a device has come with one. */
const FIRMWARE = [
  `create table firmware (
      identification ${TEXT} primary key,
      -- lower-case hexadecimal SHA-256 of the image
      sha256 ${TEXT} not null,
      image bytea not null,
      -- what the meter is told the image is called; null for M-Bus images, which name themselves
      image_identifier bytea,
      -- JSON array of device models
      models ${TEXT} not null,
      added_ms bigint not null
    )`,
  `create table firmware_transfer (
      -- the meter that is connected to, and whom the image is for: the same, or an M-Bus device behind it
      device ${TEXT} primary key references device (identification) on delete cascade,
      target ${TEXT} not null,
      -- image whose transfer was begun and not finished
      sha256 ${TEXT} not null,
      blocks_done bigint not null,
      blocks_total bigint not null,
      updated_ms bigint not null
    )`,
];

/** Who is told what, and where to. */
const NOTIFICATIONS = [
  `create table notification_address (
      organisation ${TEXT} not null,
      application ${TEXT} not null,
      url ${TEXT} not null,
      primary key (organisation, application)
    )`,
  `create table notification_origin (
      organisation ${TEXT} not null,
      origin ${TEXT} not null,
      -- JSON array of networks
      networks ${TEXT} not null,
      primary key (organisation, origin)
    )`,
  `create table notification (
      id ${ID},
      correlation_uid ${TEXT} not null,
      organisation ${TEXT} not null,
      application ${TEXT} not null,
      device ${TEXT} not null,
      -- operation, or what else it is about
      about ${TEXT} not null,
      result ${TEXT} not null check (result in ('OK', 'NOT OK')),
      message ${TEXT},
      -- of the request, if it named one; otherwise it goes to the address of the application
      response_url ${TEXT},
      url ${TEXT} not null,
      origin ${TEXT} not null,
      state ${TEXT} not null default 'waiting' check (state in ('waiting', 'dead')),
      failures bigint not null default 0,
      created_ms bigint not null,
      due_ms bigint not null,
      last_error ${TEXT}
    )`,
  "create index notification_due on notification (state, origin, due_ms)",
  "create index notification_age on notification (created_ms) where state = 'dead'",
];

/** Requests with what their actions ended with, their attempts, the lines they wait in, and the message ids that were used. */
const REQUESTS = [
  `create table request (
      id ${ID},
      correlation_uid ${TEXT} not null unique,
      organisation ${TEXT} not null,
      user_name ${TEXT} not null,
      application ${TEXT} not null,
      operation ${TEXT} not null,
      device ${TEXT} not null,
      -- the device that is connected to: the electricity meter in front of an M-Bus device
      route_device ${TEXT} not null,
      family ${TEXT} not null,
      writes smallint not null check (writes in (0, 1)),
      -- JSON array of actions
      actions ${TEXT} not null,
      action_count bigint not null check (action_count > 0),
      priority smallint not null check (priority between 0 and 9),
      max_schedule_time_ms bigint,
      bypass_retry smallint not null check (bypass_retry in (0, 1)),
      response_url ${TEXT},
      accepted_ms bigint not null,

      state ${TEXT} not null check (state in ('waiting', 'running', 'succeeded', 'failed')),
      -- where a waiting request stands: before its due time, next to be claimed, or behind one of the same device
      lane ${TEXT} check (lane in ('later', 'ready', 'parked')),
      due_ms bigint not null,
      -- claims so far; fences every write of a run
      attempt bigint not null default 0 check (attempt >= 0),
      retries bigint not null default 0 check (retries >= 0),
      worker ${TEXT},
      claimed_ms bigint,
      lease_until_ms bigint,
      finished_ms bigint,
      -- of a request that failed as a whole
      error_code ${TEXT},
      error_message ${TEXT},

      check ((state = 'waiting') = (lane is not null)),
      check ((state = 'running') = (worker is not null)),
      check ((state = 'running') = (claimed_ms is not null)),
      check ((state = 'running') = (lease_until_ms is not null)),
      check ((state in ('succeeded', 'failed')) = (finished_ms is not null)),
      check (error_code is null or state = 'failed'),
      check ((error_code is null) = (error_message is null))
    )`,
  // One association per device: a second running request of the same device cannot be stored.
  "create unique index request_running on request (route_device) where state = 'running'",
  "create index request_later on request (due_ms, organisation) where lane = 'later'",
  "create index request_ready on request (family, organisation, priority desc, id) where lane = 'ready'",
  "create index request_parked on request (route_device, organisation, priority desc, id) where lane = 'parked'",
  "create index request_parked_target on request (device) where lane = 'parked' and device <> route_device",
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
      ending ${TEXT} not null check (ending in ('succeeded', 'failed', 'retried', 'snoozed', 'released')),
      error_code ${TEXT},
      error_message ${TEXT},
      primary key (request_id, attempt),
      check ((error_code is null) = (error_message is null))
    )`,
  `create table request_message_id (
      organisation ${TEXT} not null,
      message_id ${TEXT} not null,
      -- lower-case hexadecimal SHA-256 of the message that came with the id
      body_sha256 ${TEXT} not null,
      correlation_uid ${TEXT} not null,
      accepted_ms bigint not null,
      primary key (organisation, message_id)
    )`,
  "create index request_message_id_age on request_message_id (accepted_ms)",
  `create table write_turn (
      -- addressed or connected to
      device ${TEXT} primary key,
      -- of the writing request that was begun and has not ended: no other one is begun meanwhile
      request_id bigint not null references request (id) on delete cascade
    )`,
  "create index write_turn_request on write_turn (request_id)",
  `create table request_line (
      family ${TEXT} not null,
      organisation ${TEXT} not null,
      -- grows with each turn of any line: the lowest is next
      turn bigint not null default 0,
      primary key (family, organisation)
    )`,
  "create sequence request_turn",
];

/** The message log: one row per leaf, entries that have no place yet, the tree, and what is said of them. */
const LEAF = `
      version bigint not null,
      class ${TEXT} not null
        check (class in ('message', 'poll', 'stranger', 'device', 'deed', 'event', 'log')),
      time_ms bigint not null,
      organisation ${TEXT} not null,
      user_name ${TEXT} not null,
      application ${TEXT} not null,
      service ${TEXT} not null,
      operation ${TEXT} not null,
      device ${TEXT} not null,
      correlation_uid ${TEXT} not null,
      direction ${TEXT} not null check (direction in ('in', 'out', 'to-device', 'from-device')),
      redactions bigint not null check (redactions >= 0),
      -- SHA-256 of the salt and what is stored, and of its own salt and the message as it was if secrets were replaced
      stored_hash bytea not null check (octet_length(stored_hash) = 32),
      original_hash bytea check (octet_length(original_hash) = 32),
      -- empty once they are erased
      salt bytea,
      original_salt bytea,
      payload bytea`;
const MESSAGE_LOG = [
  `create table message_log (
      -- place of the leaf, from 0 and without gaps; "index" is a reserved word
      leaf_index bigint primary key check (leaf_index >= 0),
      -- of entries of version 1, which were hashed when they were written; the others are when they come into the tree
      leaf_hash bytea check (octet_length(leaf_hash) = 32), ${LEAF}
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
  "create sequence message_log_batch",
  `create table message_log_waiting (
      -- of a transaction, and the entry's place in it
      batch bigint not null,
      ordinal bigint not null, ${LEAF},
      primary key (batch, ordinal)
    )`,
  `create table log_tile (
      -- −1: entries
      level bigint not null check (level >= -1),
      number bigint not null,
      -- 32 octets each, 256 at most
      hashes bytea not null check (octet_length(hashes) between 32 and 8192 and octet_length(hashes) % 32 = 0),
      primary key (level, number)
    )`,
  `create table log_checkpoint (
      size bigint primary key check (size >= 0),
      note ${TEXT} not null,
      made_ms bigint not null,
      stamped_note ${TEXT},
      timestamp_response bytea
    )`,
  `create table log_hold (
      name ${TEXT} primary key,
      reason ${TEXT} not null,
      since_ms bigint not null,
      -- what is empty covers all
      organisation ${TEXT},
      device ${TEXT},
      correlation_uid ${TEXT}
    )`,
];

/** Leases by name, for what one party does at a time. */
const LEASES = [
  `create table lease (
      name ${TEXT} primary key,
      holder ${TEXT} not null,
      -- counts the holders: fences what an earlier one still tries
      token bigint not null,
      until_ms bigint not null
    )`,
];

export const statements = [
  ...DEVICES,
  ...EVENTS,
  ...FIRMWARE,
  ...NOTIFICATIONS,
  ...REQUESTS,
  ...MESSAGE_LOG,
  ...LEASES,
];
