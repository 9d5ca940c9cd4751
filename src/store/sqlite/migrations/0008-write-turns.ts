/** Which requests write, and whose turn it is to write to a device. */
export const statements = [
  // What was accepted before may write: then it keeps its order.
  "alter table request add column writes integer not null default 1 check (writes in (0, 1))",
  `create table write_turn (
      -- addressed or connected to
      device text primary key,
      -- of the writing request that was begun and has not ended: no other one is begun meanwhile
      request_id integer not null references request (id) on delete cascade
    ) strict, without rowid`,
  "create index write_turn_request on write_turn (request_id)",
  "create index request_parked_target on request (device) where lane = 'parked' and device <> route_device",
];
