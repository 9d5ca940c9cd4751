import type { ErrorRecord } from "../../../domain/errors.ts";
import { type AttemptRow, type OutcomeRow, type RequestRow, toError, withOutcomes } from "../../rows/request.ts";
import { AT_MOST, type Session } from "../session.ts";

/** Rows with what is stored for them. */
export async function readOutcomes(db: Session, rows: readonly RequestRow[]): Promise<ReturnType<typeof withOutcomes>> {
  if (rows.length === 0) return [];
  const sql = `select * from request_action where request_id ${db.among}`;
  const ids = rows.map(({ id }) => id);
  return withOutcomes(rows, await db.all<OutcomeRow>(sql, ids));
}

/** What the latest attempt of a request failed with. */
export async function lastErrorOf(db: Session, requestId: number): Promise<ErrorRecord | undefined> {
  const latest = await db.get<AttemptRow>(
    `select * from request_attempt where request_id = ? order by attempt desc ${AT_MOST}`,
    ...[requestId, 1],
  );
  return latest && toError(latest);
}
