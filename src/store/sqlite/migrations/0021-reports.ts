/** What devices reported by themselves. */
export const statements = [
  `
    create table report (
      correlation_uid text primary key,
      organisation text not null,
      device text not null,
      kind text not null,
      -- by the device's clock, and by ours
      at_ms integer not null,
      received_ms integer not null,
      -- the same for the same report, however often it comes
      digest text not null,
      -- JSON of the family
      content text not null,
      unique (device, digest)
    ) strict, without rowid`,
  "create index report_device on report (device, at_ms)",
  "create index report_age on report (received_ms)",
];
