/** Permits for connections to devices, and buckets of permits to begin one. */
export const statements = [
  `create table permit (
      id text primary key,
      network text not null,
      segment text,
      until_ms integer not null
    ) strict, without rowid`,
  "create index permit_network on permit (network)",
  "create index permit_segment on permit (segment)",
  "create index permit_until on permit (until_ms)",
  `create table permit_bucket (
      name text primary key,
      -- thousandths of a permit, and when there were so many
      tokens integer not null,
      at_ms integer not null
    ) strict, without rowid`,
];
