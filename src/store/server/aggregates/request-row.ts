import type { ErrorRecord } from "../../../domain/errors.ts";
import type { ClaimedRequest } from "../../../domain/request.ts";
import { groupBy } from "../../../lib/group-by.ts";
import {
  type AttemptRow,
  type OutcomeRow,
  type RequestRow,
  toError,
  toRequest,
} from "../../sqlite/aggregates/request-row.ts";
import { AT_MOST, type Session } from "../session.ts";

export { type AttemptRow, type OutcomeRow, type RequestRow, toError, toRequest };

/** Rows in their order, each with what is stored for it; `undefined` in place of one that makes no sense. */
export async function withOutcomes(
  db: Session,
  rows: readonly RequestRow[],
): Promise<{ readonly row: RequestRow; readonly request: ClaimedRequest | undefined }[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ id }) => id);
  const found = await db.all<OutcomeRow>(`select * from request_action where request_id ${db.among}`, ids);
  const outcomes = groupBy(found, (outcome) => outcome.request_id);
  return rows.map((row) => {
    try {
      return { row, request: toRequest(row, outcomes.get(row.id) ?? []) };
    } catch {
      return { row, request: undefined };
    }
  });
}

/** What the latest attempt of a request failed with. */
export async function lastErrorOf(db: Session, requestId: number): Promise<ErrorRecord | undefined> {
  const latest = await db.get<AttemptRow>(
    `select * from request_attempt where request_id = ? order by attempt desc ${AT_MOST}`,
    ...[requestId, 1],
  );
  return latest && toError(latest);
}
