import type { Knex } from "knex";
import type { ErrorRecord } from "../domain/errors.ts";
import type { RequestedOperation } from "../domain/request.ts";
import { type RequestRow, toError } from "./request-row.ts";

/** Where an unfinished request stands: before its due time, in line, behind one of its device, or with a worker. */
export type Place = "later" | "ready" | "parked" | "running";

/** Each condition is that of an index which holds no other rows, so that finished requests cost nothing. */
const CONDITIONS: Record<Place, string> = {
  later: "lane = 'later'",
  ready: "lane = 'ready'",
  parked: "lane = 'parked'",
  running: "state = 'running'",
};

const PLACES = Object.keys(CONDITIONS) as Place[];

/** How many requests stand where, and since when the longest one could have run (epoch milliseconds). */
export type UnfinishedCounts = Record<Place, number> & { readonly oldestReadyDueMs: number | undefined };

/** An unfinished request as an operator looks at it. Times in epoch milliseconds. */
export interface UnfinishedRequest {
  readonly correlationUid: string;
  readonly organisation: string;
  readonly operation: RequestedOperation;
  readonly device: string;
  readonly routeDevice: string;
  readonly place: Place;
  readonly priority: number;
  readonly acceptedMs: number;
  readonly dueMs: number;
  readonly attempt: number;
  readonly retries: number;
  readonly worker: string | undefined;
  readonly claimedMs: number | undefined;
  readonly leaseUntilMs: number | undefined;
  /** What its latest attempt failed with. */
  readonly lastError: ErrorRecord | undefined;
}

/** How much the inventory holds. */
export async function countInventory(knex: Knex): Promise<{ devices: number; organisations: number }> {
  const count = async (table: string) => Number((await knex(table).count({ number: "*" }))[0]?.number);
  return { devices: await count("device"), organisations: await count("organisation") };
}

export async function countUnfinished(knex: Knex): Promise<UnfinishedCounts> {
  const counts: Record<Place, number> = { later: 0, ready: 0, parked: 0, running: 0 };
  for (const place of PLACES) {
    const [row] = await knex("request").whereRaw(CONDITIONS[place]).count({ number: "*" });
    counts[place] = Number(row?.number);
  }
  const [oldest] = await knex("request").whereRaw(CONDITIONS.ready).min({ dueMs: "due_ms" });
  return { ...counts, oldestReadyDueMs: oldest?.dueMs ?? undefined };
}

/** What is not finished, oldest first: what hangs is on top. */
export async function listUnfinished(knex: Knex, limit: number): Promise<UnfinishedRequest[]> {
  const oldest = PLACES.map((place) =>
    knex("request").select("id", "accepted_ms").whereRaw(CONDITIONS[place]).orderBy("accepted_ms").limit(limit),
  );
  const candidates = (await Promise.all(oldest)).flat() as Pick<RequestRow, "id" | "accepted_ms">[];
  const ids = candidates
    .sort((a, b) => a.accepted_ms - b.accepted_ms || a.id - b.id)
    .slice(0, limit)
    .map(({ id }) => id);
  const rows: RequestRow[] = await knex("request").whereIn("id", ids).orderBy("accepted_ms").orderBy("id");
  return Promise.all(rows.map((row) => toUnfinished(knex, row)));
}

async function toUnfinished(knex: Knex, row: RequestRow): Promise<UnfinishedRequest> {
  const latest = await knex("request_attempt").where({ request_id: row.id }).orderBy("attempt", "desc").first();
  return {
    correlationUid: row.correlation_uid,
    organisation: row.organisation,
    operation: row.operation,
    device: row.device,
    routeDevice: row.route_device,
    place: row.lane ?? "running",
    priority: row.priority,
    acceptedMs: row.accepted_ms,
    dueMs: row.due_ms,
    attempt: row.attempt,
    retries: row.retries,
    worker: row.worker ?? undefined,
    claimedMs: row.claimed_ms ?? undefined,
    leaseUntilMs: row.lease_until_ms ?? undefined,
    lastError: latest ? toError(latest) : undefined,
  };
}
