/** 1 when another request of the device to connect to is running. */
export const BUSY = `case when exists
  (select 1 from request r where r.state = 'running' and r.route_device = request.route_device) then 1 else 0 end`;

/** 1 when it writes, and it is another one's turn to write to one of its devices. */
export const BLOCKED = `case when writes = 1 and exists (select 1 from write_turn
  where write_turn.device in (request.device, request.route_device) and write_turn.request_id <> request.id)
  then 1 else 0 end`;
