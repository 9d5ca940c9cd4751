/** What is known of an organisation besides its name; all that were registered before are enabled. */
export const statements = [
  // JSON; rights of organisations are in device_authorisation, as before
  `alter table organisation add column record text not null default '{"enabled":true}'`,
];
