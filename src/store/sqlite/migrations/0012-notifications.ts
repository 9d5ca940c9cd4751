/** Who is told what, and where to. */
export const statements = [
  `create table notification_address (
      organisation text not null,
      application text not null,
      url text not null,
      primary key (organisation, application)
    ) strict, without rowid`,
  `create table notification_origin (
      organisation text not null,
      origin text not null,
      -- JSON array of networks
      networks text not null,
      primary key (organisation, origin)
    ) strict, without rowid`,
  `create table notification (
      id integer primary key,
      correlation_uid text not null,
      organisation text not null,
      application text not null,
      device text not null,
      -- operation, or what else it is about
      about text not null,
      result text not null check (result in ('OK', 'NOT OK')),
      message text,
      -- of the request, if it named one; otherwise it goes to the address of the application
      response_url text,
      url text not null,
      origin text not null,
      state text not null default 'waiting' check (state in ('waiting', 'dead')),
      failures integer not null default 0,
      created_ms integer not null,
      due_ms integer not null,
      last_error text
    ) strict`,
  "create index notification_due on notification (state, origin, due_ms)",
  "create index notification_age on notification (created_ms) where state = 'dead'",
];
