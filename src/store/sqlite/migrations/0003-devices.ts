/**
 * Organisations, devices and rights; secrets, who read them, and the keys of applications. Tables with a partial index
 * keep their rowid: without it the SQLite in libsql 0.5.29 crashes on a prepared update that walks such an index.
 */
export const statements = [
  "create table organisation (identification text primary key) strict, without rowid",
  `
    create table device (
      identification text primary key,
      -- JSON of the device; the columns below repeat what is looked for, or change on their own
      record text not null,
      gateway_device text references device (identification) deferrable initially deferred,
      mbus_identification_number text,
      mbus_manufacturer text,
      -- next value to use; null before it was ever known, 2^32 when the keys are spent
      invocation_counter integer check (invocation_counter between 0 and 4294967296),
      key_processing_started_ms integer
    ) strict`,
  `create index device_mbus on device (mbus_identification_number, mbus_manufacturer)
    where mbus_identification_number is not null`,
  `
    create table device_authorisation (
      device text not null references device (identification) on delete cascade,
      organisation text not null references organisation (identification),
      function_group text not null,
      primary key (device, organisation, function_group)
    ) strict, without rowid`,
  "create index device_authorisation_organisation on device_authorisation (organisation, device)",
  // Counts changes of the three tables above, so that another process notices that its copies are old.
  "create table inventory_version (version integer not null) strict",
  "insert into inventory_version (version) values (0)",
  `
    create table secret (
      id text primary key,
      device text not null references device (identification) on delete cascade,
      type text not null,
      state text not null check (state in ('NEW', 'ACTIVE', 'EXPIRED', 'WITHDRAWN')),
      state_since_ms integer not null,
      -- action of a request that brought it; null when it was imported
      brought_by text,
      -- key-encryption key that wraps the data key, and the wrapped data key
      kek_id text not null,
      wrapped_key blob not null,
      -- the secret under the data key
      sealed blob not null
    ) strict`,
  // More than one of these is an error; the database refuses it.
  "create unique index secret_new on secret (device, type) where state = 'NEW'",
  "create unique index secret_active on secret (device, type) where state = 'ACTIVE'",
  "create index secret_kek on secret (kek_id)",
  "create index secret_brought_by on secret (brought_by) where brought_by is not null",
  `
    create table secret_read (
      id integer primary key,
      read_ms integer not null,
      -- kept when secret and device are gone
      secret_id text not null,
      device text not null,
      type text not null,
      purpose text not null,
      correlation_uid text
    ) strict`,
  "create index secret_read_device on secret_read (device, read_ms)",
  `
    create table application_key (
      organisation text not null references organisation (identification),
      application text not null,
      -- X.509 SubjectPublicKeyInfo, PEM
      public_key text not null,
      primary key (organisation, application)
    ) strict, without rowid`,
];
