import { KEY, NAME, TEXT } from "../texts.ts";
import { idOf } from "./columns.ts";

/** Organisations, devices and rights; secrets, who read them, and the keys of applications. */
const DEVICES = [
  `create table organisation (
      identification ${KEY} primary key,
      -- JSON of what is known of it besides; rights are in device_authorisation
      record ${TEXT} not null default '{"enabled":true}'
    )`,
  `create table device (
      identification ${KEY} primary key,
      -- JSON of the device; the columns below repeat what is looked for, or change on their own
      record ${TEXT} not null,
      gateway_device ${KEY} constraint device_gateway_known references device (identification),
      mbus_identification_number ${NAME},
      mbus_manufacturer ${NAME},
      system_title ${NAME},
      -- next value to use; null before it was ever known, 2^32 when the keys are spent
      invocation_counter bigint check (invocation_counter between 0 and 4294967296),
      -- JSON array of [from, to], ascending: counter values that were used ahead of it; null for none
      lent_counters ${TEXT},
      -- the attempt of the request that changes its keys
      key_processing_uid ${KEY},
      key_processing_attempt bigint
    )`,
  `create index device_mbus on device (mbus_identification_number, mbus_manufacturer)
     where mbus_identification_number is not null`,
  "create index device_system_title on device (system_title) where system_title is not null",
  "create index device_gateway on device (gateway_device) where gateway_device is not null",
  `create table device_authorisation (
      device ${KEY} not null references device (identification) on delete cascade,
      organisation ${KEY} not null references organisation (identification),
      function_group ${NAME} not null,
      primary key nonclustered (device, organisation, function_group)
    )`,
  "create index device_authorisation_organisation on device_authorisation (organisation, device)",
  // Counts changes of the three tables above, so that another process notices that its copies are old.
  "create table inventory_version (version bigint primary key)",
  "insert into inventory_version (version) values (0)",
  `create table device_firmware (
      device ${KEY} not null references device (identification) on delete cascade,
      -- module of the contract, such as ACTIVE_FIRMWARE
      module ${NAME} not null,
      version ${TEXT} not null,
      read_ms bigint not null,
      primary key nonclustered (device, module)
    )`,
  `create table secret (
      id ${KEY} primary key,
      device ${KEY} not null references device (identification) on delete cascade,
      type ${NAME} not null,
      state ${NAME} not null check (state in ('NEW', 'ACTIVE', 'EXPIRED', 'WITHDRAWN')),
      state_since_ms bigint not null,
      -- action of a request that brought it; null when it was imported
      brought_by ${KEY},
      -- key-encryption key that wraps the data key, and the wrapped data key
      kek_id ${KEY} not null,
      wrapped_key varbinary(max) not null,
      -- the secret under the data key
      sealed varbinary(max) not null,
      -- of the device's own messages under this key; a counter never comes twice under one key
      push_counter bigint check (push_counter between 0 and 4294967295)
    )`,
  // More than one of these is an error; the database refuses it.
  "create unique index secret_new on secret (device, type) where state = 'NEW'",
  "create unique index secret_active on secret (device, type) where state = 'ACTIVE'",
  "create index secret_device on secret (device, type)",
  "create index secret_kek on secret (kek_id)",
  "create sequence secret_read_id as bigint start with 1",
  `create table secret_read (
      id ${idOf("secret_read")},
      read_ms bigint not null,
      -- kept when secret and device are gone
      secret_id ${KEY} not null,
      device ${KEY} not null,
      type ${NAME} not null,
      purpose ${TEXT} not null,
      correlation_uid ${KEY}
    )`,
  "create index secret_read_device on secret_read (device, read_ms)",
  `create table application_key (
      organisation ${KEY} not null references organisation (identification),
      application ${KEY} not null,
      -- X.509 SubjectPublicKeyInfo, PEM
      public_key ${TEXT} not null,
      primary key nonclustered (organisation, application)
    )`,
];

/** What devices sent and reported by themselves, and what the platform noticed of them. */
const EVENTS = [
  `create table push (
      correlation_uid ${KEY} primary key,
      organisation ${KEY} not null,
      device ${KEY} not null,
      received_ms bigint not null,
      -- JSON array of alarm names
      alarms ${TEXT} not null,
      description ${TEXT} not null,
      message varbinary(max) not null
    )`,
  "create index push_age on push (received_ms)",
  `create table unknown_push (
      -- IPv4 address or IPv6 network
      source ${NAME} not null,
      -- as the push says; empty for all of a source beyond the first few
      device ${KEY} not null,
      pushes bigint not null,
      first_ms bigint not null,
      last_ms bigint not null,
      -- the latest one in words
      description ${TEXT} not null,
      primary key nonclustered (source, device)
    )`,
  "create index unknown_push_age on unknown_push (last_ms)",
  `create table system_event (
      correlation_uid ${KEY} primary key,
      organisation ${KEY} not null,
      device ${KEY} not null,
      type ${NAME} not null,
      at_ms bigint not null,
      reason ${TEXT} not null
    )`,
  "create index system_event_device on system_event (device, type, at_ms)",
  "create index system_event_age on system_event (at_ms)",
  `create table report (
      correlation_uid ${KEY} primary key,
      organisation ${KEY} not null,
      device ${KEY} not null,
      kind ${NAME} not null,
      -- by the device's clock, and by ours
      at_ms bigint not null,
      received_ms bigint not null,
      -- the same for the same report, however often it comes
      digest ${NAME} not null,
      -- JSON of the family
      content ${TEXT} not null,
      unique (device, digest)
    )`,
  "create index report_device on report (device, at_ms)",
  "create index report_age on report (received_ms)",
];

/** Firmware images, and how far a device has come with one. */
const FIRMWARE = [
  `create table firmware (
      identification ${KEY} primary key,
      -- lower-case hexadecimal SHA-256 of the image
      sha256 ${NAME} not null,
      image varbinary(max) not null,
      -- what the meter is told the image is called; null for M-Bus images, which name themselves
      image_identifier varbinary(max),
      -- JSON array of device models
      models ${TEXT} not null,
      added_ms bigint not null
    )`,
  `create table firmware_transfer (
      -- the meter that is connected to, and whom the image is for: the same, or an M-Bus device behind it
      device ${KEY} primary key references device (identification) on delete cascade,
      target ${KEY} not null,
      -- image whose transfer was begun and not finished
      sha256 ${NAME} not null,
      blocks_done bigint not null,
      blocks_total bigint not null,
      updated_ms bigint not null
    )`,
];

/** Who is told what, and where to. */
const NOTIFICATIONS = [
  `create table notification_address (
      organisation ${KEY} not null,
      application ${KEY} not null,
      url ${TEXT} not null,
      primary key nonclustered (organisation, application)
    )`,
  `create table notification_origin (
      organisation ${KEY} not null,
      origin ${KEY} not null,
      -- JSON array of networks
      networks ${TEXT} not null,
      primary key nonclustered (organisation, origin)
    )`,
  "create sequence notification_id as bigint start with 1",
  `create table notification (
      id ${idOf("notification")},
      correlation_uid ${KEY} not null,
      organisation ${KEY} not null,
      application ${KEY} not null,
      device ${KEY} not null,
      -- operation, or what else it is about
      about ${NAME} not null,
      result ${NAME} not null check (result in ('OK', 'NOT OK')),
      message ${TEXT},
      -- of the request, if it named one; otherwise it goes to the address of the application
      response_url ${TEXT},
      url ${TEXT} not null,
      origin ${KEY} not null,
      state ${NAME} not null default 'waiting' check (state in ('waiting', 'dead')),
      failures bigint not null default 0,
      created_ms bigint not null,
      due_ms bigint not null,
      last_error ${TEXT}
    )`,
  "create index notification_due on notification (state, origin, due_ms)",
  "create index notification_age on notification (created_ms) where state = 'dead'",
];

export const statements = [...DEVICES, ...EVENTS, ...FIRMWARE, ...NOTIFICATIONS];
