/** A number that a sequence of its own gives: rows that are copied bring theirs. */
export const idOf = (table: string) => `bigint not null default (next value for ${table}_id) primary key`;

/** Many rows of one transaction are never locked as the whole table, which all others are about to write to. */
export const rowsAlone = (table: string) => `alter table ${table} set (lock_escalation = disable)`;
