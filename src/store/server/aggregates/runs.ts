import type { ClaimedRequest } from "../../../domain/request.ts";
import type { Attempt, RequestsStore } from "../../requests.ts";
import { type OutcomeRow, type RequestRow, toRequest } from "../../rows/request.ts";
import { AT_MOST, type Session } from "../session.ts";
import { claim } from "./claim.ts";
import { writeEntries } from "./message-log.ts";
import { lockFenced, settle, storeOutcome } from "./settle.ts";

async function findRunning(db: Session, { id, attempt }: Attempt): Promise<ClaimedRequest | undefined> {
  const row = await db.get<RequestRow>(
    "select * from request where id = ? and attempt = ? and state = 'running'",
    ...[id, attempt],
  );
  return row && toRequest(row, await db.all<OutcomeRow>("select * from request_action where request_id = ?", id));
}

/** Counts rows up to a number. */
async function countUpTo(db: Session, most: number, where: string, ...values: string[]): Promise<number> {
  const sql = `select count(*) as number from
    (select 1 as one from request where ${where} order by (select null) ${AT_MOST}) as counted`;
  return (await db.get<{ number: number }>(sql, ...values, most))!.number;
}

/** How requests run: claims, what their actions end with, and how they leave the state they are in. */
export function runs(
  db: Session,
): Pick<
  RequestsStore,
  | "claim"
  | "report"
  | "note"
  | "noted"
  | "reschedule"
  | "settle"
  | "extendLease"
  | "leases"
  | "findRunning"
  | "countReady"
  | "countWaiting"
> {
  return {
    claim: (order) => claim(db, order),
    reschedule: async ({ id, attempt }, dueMs) =>
      (await db.run(
        "update request set due_ms = ? where id = ? and attempt = ? and state = 'waiting' and lane = 'later'",
        ...[dueMs, id, attempt],
      )) > 0,

    async report(attempt, outcomes) {
      if (!(await lockFenced(db, { ...attempt, state: "running" }))) return false;
      for (const { position, outcome } of outcomes) storeOutcome(db, attempt, position, outcome);
      return true;
    },

    async note(attempt, position, note) {
      if (!(await lockFenced(db, { ...attempt, state: "running" }))) return false;
      db.upsert("request_note", { request_id: attempt.id, position }, { note: JSON.stringify(note) });
      return true;
    },

    async noted(id, position) {
      const sql = "select note from request_note where request_id = ? and position = ?";
      const row = await db.get<{ note: string }>(sql, id, position);
      return row && (JSON.parse(row.note) as object);
    },

    async settle(fence, settlement, entries = []) {
      const moved = await settle(db, fence, settlement);
      if (moved) writeEntries(db, entries);
      return moved;
    },

    async extendLease({ id, attempt }, leaseMs) {
      const untilMs = (await db.time()).steadyMs + leaseMs;
      const extended = await db.run(
        `update request set lease_until_ms = case when lease_until_ms + 1 > ? then lease_until_ms + 1 else ? end
         where id = ? and state = 'running' and attempt = ?`,
        ...[untilMs, untilMs, id, attempt],
      );
      return extended > 0;
    },

    leases: async () =>
      (await db.all<RequestRow>("select id, attempt, worker, lease_until_ms from request where state = 'running'")).map(
        ({ id, attempt, worker, lease_until_ms: leaseUntilMs }) => ({
          ...{ id, attempt },
          worker: worker ?? "",
          leaseUntilMs: leaseUntilMs ?? 0,
        }),
      ),

    findRunning: (attempt) => findRunning(db, attempt),

    countReady: (family, most) => countUpTo(db, most, "lane = 'ready' and family = ?", family),

    async countWaiting(organisation, most) {
      let waiting = 0;
      for (const lane of ["ready", "parked", "later"]) {
        if (waiting >= most) break;
        waiting += await countUpTo(db, most - waiting, `lane = '${lane}' and organisation = ?`, organisation);
      }
      return waiting;
    },
  };
}
