import { TEXT } from "./text.ts";

/** What became of a transaction whose commit was not answered: the number of the latest one of each connection. */
export const statements: readonly string[] = [
  `create table commit_mark (
    connection ${TEXT} primary key,
    number bigint not null,
    at_ms bigint not null
  ) with (fillfactor = 50)`,
];
