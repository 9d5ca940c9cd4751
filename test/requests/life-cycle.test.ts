import assert from "node:assert/strict";
import type { RequestState } from "../../src/domain/request.ts";
import { MOVES, type Move, stateAfter } from "../../src/requests/life-cycle.ts";

/** Every pair of state and move, with where it leads; null where it must not happen. */
const EXPECTED: Record<RequestState, Record<Move, RequestState | "gone" | null>> = {
  waiting: {
    claim: "running",
    succeed: null,
    fail: null,
    retry: null,
    snooze: null,
    release: null,
    expire: "failed",
    delete: null,
  },
  running: {
    claim: null,
    succeed: "succeeded",
    fail: "failed",
    retry: "waiting",
    snooze: "waiting",
    release: "waiting",
    expire: null,
    delete: null,
  },
  succeeded: {
    claim: null,
    succeed: null,
    fail: null,
    retry: null,
    snooze: null,
    release: null,
    expire: null,
    delete: "gone",
  },
  failed: {
    claim: null,
    succeed: null,
    fail: null,
    retry: null,
    snooze: null,
    release: null,
    expire: null,
    delete: "gone",
  },
};

describe("the life cycle of a request", () => {
  for (const [state, moves] of Object.entries(EXPECTED) as [RequestState, (typeof EXPECTED)["waiting"]][]) {
    for (const [move, target] of Object.entries(moves) as [Move, RequestState | "gone" | null][]) {
      it(`${target === null ? "forbids" : "allows"} ${move} when ${state}${target === null ? "" : `: ${target}`}`, () => {
        assert.equal(stateAfter(state, move) ?? null, target);
      });
    }
  }

  it("has an exit from every state that is not final, and only deletion from those that are", () => {
    for (const state of ["waiting", "running", "succeeded", "failed"] as const) {
      const exits = (Object.keys(MOVES) as Move[]).filter((move) => stateAfter(state, move) !== undefined);
      assert.ok(exits.length > 0);
      if (state === "succeeded" || state === "failed") assert.deepEqual(exits, ["delete"]);
    }
  });
});
