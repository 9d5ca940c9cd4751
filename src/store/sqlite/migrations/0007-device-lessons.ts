/** What devices taught us about themselves, and what others pushed. */
export const statements = [
  // JSON array of [from, to], ascending: counter values that were used ahead of invocation_counter; null for none.
  "alter table device add column lent_counters text",
  `create table device_firmware (
      device text not null references device (identification) on delete cascade,
      -- module of the contract, such as ACTIVE_FIRMWARE
      module text not null,
      version text not null,
      read_ms integer not null,
      primary key (device, module)
    ) strict, without rowid`,
  `create table unknown_push (
      -- IPv4 address or IPv6 network
      source text not null,
      -- as the push says; empty for all of a source beyond the first few
      device text not null,
      pushes integer not null,
      first_ms integer not null,
      last_ms integer not null,
      -- the latest one in words
      description text not null,
      primary key (source, device)
    ) strict, without rowid`,
  "create index unknown_push_age on unknown_push (last_ms)",
];
