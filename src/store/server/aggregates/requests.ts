import type { ActionOutcome } from "../../../domain/request.ts";
import type { RequestSummary, RequestsStore, StoredRequest } from "../../requests.ts";
import { type AttemptRow, type OutcomeRow, type RequestRow, toError, toRequest } from "../../rows/request.ts";
import { AT_MOST, type Session } from "../session.ts";
import { acceptAll } from "./accept.ts";
import { writeEntries } from "./message-log.ts";
import { overview } from "./overview.ts";
import { runs } from "./runs.ts";

/** Outcomes in one piece of them: a hundred kilobytes each are no rarity. */
const OUTCOMES_AT_A_TIME = 16;

async function find(db: Session, correlationUid: string): Promise<StoredRequest | undefined> {
  const row = await db.get<RequestRow>("select * from request where correlation_uid = ?", correlationUid);
  return row && toStored(row, await db.all<OutcomeRow>("select * from request_action where request_id = ?", row.id));
}

async function summary(db: Session, correlationUid: string): Promise<RequestSummary | undefined> {
  const row = await db.get<RequestRow>("select * from request where correlation_uid = ?", correlationUid);
  if (!row) return undefined;
  const { outcomes: _, ...request } = toStored(row, []);
  return request;
}

function toStored(row: RequestRow, outcomes: readonly OutcomeRow[]): StoredRequest {
  const error = toError(row);
  // What failed as a whole has nothing else to tell: its actions may be what could not be read.
  const readable = error ? { ...row, actions: "[]", action_count: 0 } : row;
  return {
    ...toRequest(readable, error ? [] : outcomes),
    state: row.state,
    dueMs: row.due_ms,
    acceptedMs: row.accepted_ms,
    finishedMs: row.finished_ms ?? undefined,
    error,
  };
}

async function purge(db: Session, beforeMs: number, limit: number): Promise<{ requests: number; more: boolean }> {
  const requests = await db.run(
    `delete from request where id in
       (select id from request where finished_ms < ? order by finished_ms ${AT_MOST})`,
    ...[beforeMs, limit],
  );
  // A message id lives at least as long as its request: sent again, the message must not become a second one.
  const ids = await db.all<{ organisation: string; message_id: string }>(
    `select organisation, message_id from request_message_id where accepted_ms < ?
       and not exists (select 1 from request where request.correlation_uid = request_message_id.correlation_uid)
     order by accepted_ms ${AT_MOST}`,
    ...[beforeMs, limit],
  );
  for (const organisation of new Set(ids.map((id) => id.organisation))) {
    await db.run(
      `delete from request_message_id where organisation = ? and message_id ${db.among}`,
      organisation,
      ids.filter((id) => id.organisation === organisation).map(({ message_id }) => message_id),
    );
  }
  return { requests, more: requests === limit || ids.length === limit };
}

export function requests(db: Session): RequestsStore {
  return {
    ...runs(db),
    ...overview(db),
    accept: async (acceptance) => (await acceptAll(db, [acceptance]))[0]!,
    find: (correlationUid) => find(db, correlationUid),
    summary: (correlationUid) => summary(db, correlationUid),
    async outcomes(id, fromPosition) {
      const rows = await db.all<OutcomeRow>(
        `select * from request_action where request_id = ? and position >= ? order by position ${AT_MOST}`,
        ...[id, fromPosition, OUTCOMES_AT_A_TIME],
      );
      return rows.map(({ position, outcome }) => ({ position, outcome: JSON.parse(outcome) as ActionOutcome }));
    },

    async attempts(id) {
      const sql = "select * from request_attempt where request_id = ? order by attempt";
      return (await db.all<AttemptRow>(sql, id)).map((row) => ({
        attempt: row.attempt,
        worker: row.worker,
        claimedMs: row.claimed_ms,
        endedMs: row.ended_ms,
        ending: row.ending,
        error: toError(row),
      }));
    },

    async deleteFinished(id, entries) {
      if ((await db.run("delete from request where id = ? and finished_ms is not null", id)) === 0) return false;
      writeEntries(db, entries);
      return true;
    },

    purge: (beforeMs, limit) => purge(db, beforeMs, limit),
  };
}
