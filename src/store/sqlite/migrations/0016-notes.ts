export const statements: readonly string[] = [
  `
    create table request_note (
      request_id integer not null references request (id) on delete cascade,
      -- place of the action in its request, from 0
      position integer not null check (position >= 0),
      -- JSON of what a later run has to know about the action
      note text not null,
      primary key (request_id, position)
    ) strict, without rowid`,
];
