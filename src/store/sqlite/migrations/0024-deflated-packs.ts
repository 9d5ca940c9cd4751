import type { Connection } from "../connection.ts";

/** Payloads of the log may be deflated. A table of packs that is made now has the column from the beginning. */
export const statements: readonly string[] = [];

export function convert(db: Connection): void {
  const columns = db.all<{ name: string }>("select name from pragma_table_info('message_log_pack')");
  if (columns.some(({ name }) => name === "inflated_octets")) return;
  db.execute("alter table message_log_pack add column inflated_octets integer");
}
