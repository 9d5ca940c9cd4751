import { TEXT } from "./text.ts";

/** Permits for connections to devices, and buckets of permits to begin one. */
export const statements = [
  `create table permit (
      id ${TEXT} primary key,
      network ${TEXT} not null,
      segment ${TEXT},
      until_ms bigint not null
    )`,
  "create index permit_network on permit (network)",
  "create index permit_segment on permit (segment)",
  "create index permit_until on permit (until_ms)",
  `create table permit_bucket (
      name ${TEXT} primary key,
      -- thousandths of a permit, and when there were so many
      tokens bigint not null,
      at_ms bigint not null
    )`,
];
