/** Parts of knex's dialect that `client.ts` builds on; knex ships no types for it. */
declare module "knex/lib/dialects/better-sqlite3/index.js" {
  export interface QueryObject {
    sql: string;
    bindings?: readonly unknown[];
    response?: unknown;
    context?: { lastID: number | bigint; changes: number };
  }

  export default class BetterSqlite3Client {
    connectionSettings: { filename: string };
    protected _formatBindings(bindings: readonly unknown[] | undefined): unknown[];
  }
}
