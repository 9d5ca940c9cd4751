/** What must not come twice, for as long as it would be taken. */
export const statements = [
  "create table replay (digest text primary key, until_ms integer not null) strict",
  "create index replay_until on replay (until_ms)",
];
