import assert from "node:assert/strict";
import type { ErrorRecord } from "../../src/domain/errors.ts";
import type { ActionOutcome } from "../../src/domain/request.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import type { AcceptResult, Fence, NewRequest, Settlement } from "../../src/store/requests.ts";
import type { Store } from "../../src/store/store.ts";
import type { OpenStore } from "./conformance.ts";

export const ERROR: ErrorRecord = { code: "CONNECTION_REFUSED", message: "Nobody is there." };
export const DONE: ActionOutcome = { ok: true, result: { text: "€" } };
export const REFUSED: ActionOutcome = { ok: false, error: { code: "DEVICE_REFUSED", message: "No." } };
export const SUCCEEDED: Settlement = { to: "succeeded", outcomes: [DONE] };

export function retried(dueMs: number, more: Partial<Extract<Settlement, { to: "waiting" }>> = {}): Settlement {
  return { to: "waiting", ending: "retried", dueMs, priority: 4, retries: 1, attemptError: ERROR, ...more };
}

/** Has a store and a clock for each test of the suite around, and what is done to requests there. */
export function withRequests(open: OpenStore) {
  let store: Store;
  let clock: ManualClock;

  beforeEach(async () => {
    clock = new ManualClock(1000);
    store = await open(clock);
  });

  afterEach(() => store.close());

  /** Lets the time be what it is to be; it only goes forward. */
  const at = (nowMs: number) => clock.advance(Math.max(0, nowMs - clock.now()));
  const insert = (...rows: NewRequest[]): Promise<AcceptResult[]> =>
    Promise.all(rows.map((request) => store.requests.accept({ request, entries: [] })));
  const look = (limit = 0) => store.requests.claim({ worker: "w1", leaseMs: 60_000, limit });
  const claimAll = async (nowMs = 2000, limit = 100, worker = "w1") => {
    at(nowMs);
    return (await store.requests.claim({ worker, leaseMs: 60_000, limit })).requests;
  };
  const claim = async (nowMs?: number, limit?: number, worker?: string) =>
    (await claimAll(nowMs, limit, worker)).map(({ correlationUid }) => correlationUid);
  const fenceOf = async (correlationUid: string): Promise<Fence> => {
    const request = await store.requests.find(correlationUid);
    assert.ok(request && (request.state === "waiting" || request.state === "running"));
    return { id: request.id, state: request.state, attempt: request.attempt };
  };
  const settle = async (which: string | Fence, settlement: Settlement, nowMs = 3000) => {
    const fence = typeof which === "string" ? await fenceOf(which) : which;
    at(nowMs);
    return store.requests.settle(fence, settlement);
  };
  const find = async (correlationUid: string) => {
    const request = await store.requests.find(correlationUid);
    assert.ok(request);
    return request;
  };

  return {
    ...{ at, insert, look, claimAll, claim, fenceOf, settle, find },
    get store() {
      return store;
    },
    get clock() {
      return clock;
    },
  };
}
