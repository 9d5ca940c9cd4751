import { TEXT } from "./text.ts";

/** What devices reported by themselves. */
export const statements = [
  `create table report (
      correlation_uid ${TEXT} primary key,
      organisation ${TEXT} not null,
      device ${TEXT} not null,
      kind ${TEXT} not null,
      -- by the device's clock, and by ours
      at_ms bigint not null,
      received_ms bigint not null,
      -- the same for the same report, however often it comes
      digest ${TEXT} not null,
      -- JSON of the family
      content ${TEXT} not null,
      unique (device, digest)
    )`,
  "create index report_device on report (device, at_ms)",
  "create index report_age on report (received_ms)",
];
