import type { ActionOutcome } from "../../../domain/request.ts";
import type { Acceptance, AcceptResult, NewRequest } from "../../requests.ts";
import type { RequestRow } from "../../rows/request.ts";
import type { Session, SqlValue } from "../session.ts";
import { writeEntries } from "./message-log.ts";

const COLUMNS = [
  ...["correlation_uid", "organisation", "user_name", "application", "operation", "device", "route_device", "family"],
  ...["writes", "actions", "action_count", "priority", "max_schedule_time_ms", "bypass_retry", "response_url"],
  ...["accepted_ms", "state", "lane", "due_ms"],
];

function toValues({ caller, scheduling, acceptedMs, ...request }: NewRequest): SqlValue[] {
  const dueMs = Math.max(acceptedMs, scheduling.scheduleTimeMs ?? acceptedMs);
  return [
    ...[request.correlationUid, caller.organisation, caller.userName, caller.applicationName],
    ...[request.operation, request.device, request.routeDevice, request.family, request.writes ? 1 : 0],
    ...[JSON.stringify(request.actions), request.actions.length],
    ...[scheduling.priority, scheduling.maxScheduleTimeMs ?? null, scheduling.bypassRetry ? 1 : 0],
    ...[scheduling.responseUrl ?? null, acceptedMs, "waiting", dueMs <= acceptedMs ? "ready" : "later", dueMs],
  ];
}

async function insertRequests(db: Session, requests: readonly NewRequest[]): Promise<void> {
  db.insert("request", COLUMNS, requests.map(toValues));
  // In one order, so that two transactions that bring the same new lines do not wait for each other.
  const lines = [
    ...new Set(requests.map(({ family, caller }) => JSON.stringify([family, caller.organisation]))),
  ].sort();
  for (const line of lines.filter((each) => !db.knows(each))) {
    const [family, organisation] = JSON.parse(line) as [string, string];
    await db.insertIfNew("request_line", { family, organisation });
    db.learn(line);
  }
  for (const { correlationUid, outcomes = [] } of requests) {
    if (outcomes.some((outcome) => outcome !== null)) await insertOutcomes(db, correlationUid, outcomes);
  }
}

async function insertOutcomes(
  db: Session,
  correlationUid: string,
  outcomes: readonly (ActionOutcome | null)[],
): Promise<void> {
  const row = await db.get<RequestRow>("select id from request where correlation_uid = ?", correlationUid);
  const rows = [...outcomes.entries()]
    .filter(([, outcome]) => outcome !== null)
    .map(([position, outcome]) => [row!.id, position, JSON.stringify(outcome), 0]);
  db.insert("request_action", ["request_id", "position", "outcome", "attempt"], rows);
}

const ID_COLUMNS = ["organisation", "message_id", "body_sha256", "correlation_uid", "accepted_ms"];
const ID_KEYS = ["organisation", "message_id"];

interface MessageIdRow {
  readonly organisation: string;
  readonly message_id: string;
  readonly body_sha256: string;
  readonly correlation_uid: string;
}

const keyOf = (organisation: string, id: string) => JSON.stringify([organisation, id]);

/** What became of a message whose id came before. */
async function repeated(db: Session, organisation: string, id: string, bodySha256: string): Promise<AcceptResult> {
  const earlier = await db.get<MessageIdRow>(
    "select body_sha256, correlation_uid from request_message_id where organisation = ? and message_id = ?",
    ...[organisation, id],
  );
  if (earlier?.body_sha256 !== bodySha256) return { kind: "conflict" };
  return { kind: "repeated", correlationUid: earlier.correlation_uid };
}

/** Accepts requests together: of several messages with one id the first. */
export async function acceptAll(db: Session, acceptances: readonly Acceptance[]): Promise<AcceptResult[]> {
  const firsts = new Map<string, SqlValue[]>();
  for (const { message, request } of acceptances) {
    if (!message) continue;
    const { organisation } = request.caller;
    const key = keyOf(organisation, message.id);
    const row = [organisation, message.id, message.bodySha256, request.correlationUid, request.acceptedMs];
    if (!firsts.has(key)) firsts.set(key, row);
  }
  // In one order, so that two transactions that bring the same ids do not wait for each other.
  const rows = [...firsts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  const inserted = await db.insertNews<MessageIdRow>("request_message_id", ID_COLUMNS, rows, ID_KEYS);
  const news = new Set(inserted.map(({ organisation, message_id: id }) => keyOf(organisation, id)));
  const results: AcceptResult[] = [];
  for (const { request, message, entries } of acceptances) {
    const { organisation } = request.caller;
    // The first one that has a new id; a later one finds it used.
    if (message && !news.delete(keyOf(organisation, message.id))) {
      results.push(await repeated(db, organisation, message.id, message.bodySha256));
      continue;
    }
    db.later(insertRequests, [request]);
    writeEntries(db, entries);
    db.wakes = true;
    results.push({ kind: "accepted" });
  }
  return results;
}
