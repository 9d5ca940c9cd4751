/** M-Bus devices that something parked behind an electricity meter is for. */
export const statements = [
  `create index request_parked_behind on request (route_device, device)
     where lane = 'parked' and device <> route_device`,
];
