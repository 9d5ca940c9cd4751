import type { Knex } from "knex";
import type { RequestState } from "../domain/request.ts";
import type { OutcomeRow, RequestRow } from "./request-row.ts";

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

/**
 * What a write needs to be let through: the request is still in this state and no other attempt began. Otherwise the
 * writer lost its lease meanwhile, and what it brings is too late.
 */
export interface Fence {
  readonly id: number;
  readonly state: "waiting" | "running";
  readonly attempt: number;
}

/** The statements that no single text expresses well in every database. All run inside a transaction. */
export interface Dialect {
  /** Leases waiting requests that are due and whose device has none running. */
  claim(transaction: Knex, order: ClaimOrder): Promise<ClaimedRows>;
  /** Puts the first request that was parked behind these devices and may run now back in line, if there is one. */
  unpark(transaction: Knex, devices: { readonly device: string; readonly routeDevice: string }): Promise<void>;
  /** A request that wrote has ended: it is others' turn to write to its devices. */
  endTurn(transaction: Knex, requestId: number): Promise<void>;
  /** Stores what an action ended with, in place of what was there, if the request is as the fence says; or false. */
  storeOutcome(
    transaction: Knex,
    fence: Omit<Fence, "state"> & { readonly state: RequestState },
    position: number,
    outcome: string,
  ): Promise<boolean>;
  /** What is stored for the actions of these requests. */
  findOutcomes(transaction: Knex, requestIds: readonly number[]): Promise<OutcomeRow[]>;
  /** Reserves `count` places in the message log, holding back other writers until the commit; gives the first. */
  takeLogIndexes(transaction: Knex, count: number): Promise<number>;
}
