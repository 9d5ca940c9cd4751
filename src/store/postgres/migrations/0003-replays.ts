/** What must not come twice, for as long as it would be taken. */
export const statements = [
  `create table replay (
      digest text collate "C" primary key,
      until_ms bigint not null
    )`,
  "create index replay_until on replay (until_ms)",
];
