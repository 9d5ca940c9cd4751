/** What the platform noticed of devices by itself. */
export const statements = [
  `
    create table system_event (
      correlation_uid text primary key,
      organisation text not null,
      device text not null,
      type text not null,
      at_ms integer not null,
      reason text not null
    ) strict, without rowid`,
  "create index system_event_device on system_event (device, type, at_ms)",
  "create index system_event_age on system_event (at_ms)",
];
