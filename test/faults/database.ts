import pg from "pg";
import { OtherConnection } from "../store/temporary-store.ts";
import type { RequestInDatabase } from "./checker.ts";

/** What the tests ask of the database behind the service's back. */
export interface Database {
  /** Whether the times in it are by a clock that never steps. */
  readonly hasSteadyTime: boolean;
  rows<Row>(sql: string): Promise<Row[]>;
  /** Cuts connections of the service, those in mid-transaction first; gives how many. */
  cutConnections?(most: number): Promise<number>;
  /** Keeps everybody from writing for a while. */
  lockFor(ms: number): Promise<void>;
  close(): Promise<void>;
}

export const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export class SqliteDatabase implements Database {
  /** They are the node's. */
  readonly hasSteadyTime = false;
  readonly #connection: OtherConnection;

  constructor(dataDirectory: string) {
    this.#connection = new OtherConnection(dataDirectory);
  }

  async rows<Row>(sql: string): Promise<Row[]> {
    return this.#connection.rows<Row>(sql);
  }

  async lockFor(ms: number): Promise<void> {
    this.#connection.run("begin immediate");
    await wait(ms);
    this.#connection.run("commit");
  }

  async close(): Promise<void> {
    this.#connection.close();
  }
}

export class PostgresDatabase implements Database {
  readonly hasSteadyTime = true;
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Each time on a connection of its own: the server may have been away meanwhile. */
  async #with<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const url = new URL(this.#url);
    const schema = url.searchParams.get("schema");
    url.searchParams.delete("schema");
    const client = new pg.Client({ connectionString: url.href });
    client.on("error", () => {});
    await client.connect();
    try {
      if (schema) await client.query(`set search_path to ${schema}`);
      return await work(client);
    } finally {
      await client.end().catch(() => {});
    }
  }

  rows<Row>(sql: string): Promise<Row[]> {
    return this.#with(async (client) => (await client.query(sql)).rows as Row[]);
  }

  async cutConnections(most: number): Promise<number> {
    const rows = await this.rows(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where application_name like 'metergate%' and pid <> pg_backend_pid()
       order by (state = 'idle in transaction') desc, (state = 'active') desc, random() limit ${most}`,
    );
    return rows.length;
  }

  lockFor(ms: number): Promise<void> {
    return this.#with(async (client) => {
      await client.query("begin; lock table request in access exclusive mode");
      await wait(ms);
      await client.query("commit");
    });
  }

  async close(): Promise<void> {}
}

interface Row {
  readonly correlation_uid: string;
  readonly id: number | string;
  readonly device: string;
  readonly operation: string;
  readonly state: string;
  readonly actions: string;
  readonly action_count: number | string;
  readonly outcomes: number | string;
  readonly log_entries: number | string;
}

interface AttemptRow {
  readonly request_id: number | string;
  readonly ending: string;
  readonly claimed_ms: number | string;
}

/** Every request that the database has. */
export async function readRequests(database: Database): Promise<RequestInDatabase[]> {
  const attempts = await database.rows<AttemptRow>(
    "select request_id, ending, claimed_ms from request_attempt order by request_id, attempt",
  );
  const endings = new Map<string, string[]>();
  const firsts = new Map<string, number>();
  for (const { request_id, ending, claimed_ms: claimedMs } of attempts) {
    const id = String(request_id);
    if (!endings.has(id)) firsts.set(id, Number(claimedMs));
    endings.set(id, [...(endings.get(id) ?? []), ending]);
  }
  const rows = await database.rows<Row>(
    `select correlation_uid, id, device, operation, state, actions, action_count,
       (select count(*) from request_action where request_id = request.id) as outcomes,
       coalesce(log.entries, 0) as log_entries
     from request
       left join (select correlation_uid as uid, count(*) as entries from message_log group by correlation_uid) log
         on log.uid = request.correlation_uid
     order by id`,
  );
  return rows.map((row) => ({
    correlationUid: row.correlation_uid,
    device: row.device,
    operation: row.operation,
    state: row.state,
    marker: row.operation === "SetPushSetupSms" ? markerOf(row.actions) : undefined,
    claimedMs: database.hasSteadyTime ? firsts.get(String(row.id)) : undefined,
    actions: Number(row.action_count),
    outcomes: Number(row.outcomes),
    endings: endings.get(String(row.id)) ?? [],
    logEntries: Number(row.log_entries),
  }));
}

function markerOf(actions: string): string | undefined {
  const host = /"host":"([\d.]+)"/.exec(actions)?.[1];
  const port = /"port":(\d+)/.exec(actions)?.[1];
  return host && port && `${host}:${port}`;
}
