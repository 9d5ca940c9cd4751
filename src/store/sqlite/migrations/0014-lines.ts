/** Lines in which requests wait: one per family and organisation, which take turns. */
export const statements = [
  // All that was accepted before is of this family.
  "alter table request add column family text not null default 'dlms'",
  `create table request_line (
      family text not null,
      organisation text not null,
      -- grows with each turn of any line: the lowest is next
      turn integer not null default 0,
      primary key (family, organisation)
    ) strict, without rowid`,
  "insert into request_line (family, organisation) select distinct family, organisation from request",
  "drop index request_ready",
  "create index request_ready on request (family, organisation, priority desc, id) where lane = 'ready'",
  "drop index request_parked",
  "create index request_parked on request (route_device, organisation, priority desc, id) where lane = 'parked'",
  "drop index request_later",
  // With the organisation, so that what waits can be counted without its rows.
  "create index request_later on request (due_ms, organisation) where lane = 'later'",
];
