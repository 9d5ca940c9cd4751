import type { Knex } from "knex";

/** What devices taught us about themselves. */
export async function up(knex: Knex): Promise<void> {
  // JSON array of [from, to], ascending: counter values that were used ahead of invocation_counter; null for none.
  await knex.schema.raw("alter table device add column lent_counters text");
  await knex.schema.raw(`
    create table device_firmware (
      device text not null references device (identification) on delete cascade,
      -- module of the contract, such as ACTIVE_FIRMWARE
      module text not null,
      version text not null,
      read_ms integer not null,
      primary key (device, module)
    ) strict, without rowid`);
}
