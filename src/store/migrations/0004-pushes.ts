import type { Knex } from "knex";

/** What devices sent by themselves. */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.raw(`
    create table push (
      correlation_uid text primary key,
      organisation text not null,
      device text not null,
      received_ms integer not null,
      -- JSON array of alarm names
      alarms text not null,
      description text not null,
      message blob not null
    ) strict, without rowid`);
  await knex.schema.raw("create index push_age on push (received_ms)");
}
