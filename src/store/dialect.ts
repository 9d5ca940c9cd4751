import type { Knex } from "knex";
import type { RequestRow } from "./request-row.ts";

/** How a worker wants to claim. */
export interface ClaimOrder {
  readonly worker: string;
  readonly nowMs: number;
  readonly leaseUntilMs: number;
  /** Most requests to claim. */
  readonly limit: number;
}

export interface ClaimedRows {
  /** Highest priority first, then oldest; at most one per `route_device`. */
  readonly rows: readonly RequestRow[];
  /** True when there may be more to claim right now. */
  readonly more: boolean;
}

/** The statements that no single text expresses well in every database. All run inside a transaction. */
export interface Dialect {
  /** Leases waiting requests that are due and whose device has none running. */
  claim(transaction: Knex, order: ClaimOrder): Promise<ClaimedRows>;
  /** Puts the first request that was parked behind `routeDevice` back in line, if there is one. */
  unpark(transaction: Knex, routeDevice: string): Promise<void>;
  /** Reserves `count` places in the message log, holding back other writers until the commit; gives the first. */
  takeLogIndexes(transaction: Knex, count: number): Promise<number>;
}
