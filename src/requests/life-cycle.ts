import type { RequestState } from "../domain/request.ts";

interface MoveRule {
  readonly from: readonly RequestState[];
  readonly to: RequestState | "gone";
}

/**
 * Every way a request changes its state; what is not here does not happen.
 *
 *     accept ──> waiting ──claim──> running ──succeed──> succeeded ──delete──> gone
 *                │  ^                │  │                               │
 *                │  └─ retry, snooze,┘  └──────fail────> failed ──delete┘
 *                │     release                             ^
 *                └───────────────────expire────────────────┘
 */
export const MOVES = {
  /** A worker leases it: it is due, and no other request of its device runs. */
  claim: { from: ["waiting"], to: "running" },
  /** Every action did what it was asked. */
  succeed: { from: ["running"], to: "succeeded" },
  /** Something failed, and trying again is not allowed or cannot help. */
  fail: { from: ["running"], to: "failed" },
  /** Something failed that may go better later, or its worker's lease ended; counted. */
  retry: { from: ["running"], to: "waiting" },
  /** What it needs is busy; not counted. */
  snooze: { from: ["running"], to: "waiting" },
  /** Its worker is shutting down; not counted. */
  release: { from: ["running"], to: "waiting" },
  /** Its MaxScheduleTime passed while it waited. */
  expire: { from: ["waiting"], to: "failed" },
  /** Retention has passed, or the caller asked for it. */
  delete: { from: ["succeeded", "failed"], to: "gone" },
} as const satisfies Record<string, MoveRule>;

export type Move = keyof typeof MOVES;

/** Where a move leads from a state; undefined when it is not one that is allowed there. */
export function stateAfter(state: RequestState, move: Move): RequestState | "gone" | undefined {
  const { from, to }: MoveRule = MOVES[move];
  return from.includes(state) ? to : undefined;
}
