/** What devices sent by themselves. */
export const statements = [
  `
    create table push (
      correlation_uid text primary key,
      organisation text not null,
      device text not null,
      received_ms integer not null,
      -- JSON array of alarm names
      alarms text not null,
      description text not null,
      message blob not null
    ) strict, without rowid`,
  "create index push_age on push (received_ms)",
];
