import type { Caller } from "../domain/request.ts";
import type { Clock } from "../lib/clock.ts";
import type { Database, Transaction } from "../store/database.ts";
import type { GroupCommit } from "../store/group-commit.ts";
import { insertMessageLogRows, type MessageLogRow } from "../store/message-log-repository.ts";
import { type Direction, encodeLeaf, hashLeaf, LEAF_VERSION, type Leaf, sha256Hex } from "./leaf.ts";

/** One message to be logged. */
export interface LogEntry {
  readonly direction: Direction;
  readonly service: string;
  /** Operation, or whatever else names the kind of message. */
  readonly operation: string;
  readonly caller?: Caller | undefined;
  readonly device?: string | undefined;
  readonly correlationUid?: string | undefined;
  /** The message as it was on the wire. Stored unless `redacted` is given, and not changed afterwards. */
  readonly body: Uint8Array;
  /** The message with its secrets replaced by a marker, and how many were. */
  readonly redacted?: { readonly body: Uint8Array; readonly count: number } | undefined;
}

/** An entry that only lacks its place in the log: what costs time is done before the transaction begins. */
export interface PreparedEntry {
  readonly leaf: Omit<Leaf, "index">;
  readonly stored: Uint8Array;
}

function toRow({ leaf, stored }: PreparedEntry, index: number): MessageLogRow {
  return {
    leaf_index: index,
    version: leaf.version,
    time_ms: leaf.timeMs,
    organisation: leaf.organisation,
    user_name: leaf.user,
    application: leaf.application,
    service: leaf.service,
    operation: leaf.operation,
    device: leaf.device,
    correlation_uid: leaf.correlationUid,
    direction: leaf.direction,
    body_sha256: leaf.bodySha256,
    stored_sha256: leaf.storedSha256,
    redactions: leaf.redactions,
    body: stored,
    leaf_hash: hashLeaf(encodeLeaf({ ...leaf, index })),
  };
}

/** The leaf that a stored row stands for. */
export function toLeaf(row: MessageLogRow): Leaf {
  return {
    version: row.version,
    index: row.leaf_index,
    timeMs: row.time_ms,
    organisation: row.organisation,
    user: row.user_name,
    application: row.application,
    service: row.service,
    operation: row.operation,
    device: row.device,
    correlationUid: row.correlation_uid,
    direction: row.direction,
    bodySha256: row.body_sha256,
    storedSha256: row.stored_sha256,
    redactions: row.redactions,
  };
}

/** The log of messages. Entries are only ever added; their order is that of the commits. */
export class MessageLog {
  readonly #database: Database;
  readonly #commits: GroupCommit;
  readonly #clock: Clock;

  constructor(database: Database, commits: GroupCommit, clock: Clock) {
    this.#database = database;
    this.#commits = commits;
    this.#clock = clock;
  }

  /**
   * Resolves once all entries are durable; they stand next to each other in their order.
   * @throws MetergateError SERVICE_BUSY when they could not be written; then none was.
   */
  async append(...entries: readonly LogEntry[]): Promise<void> {
    await this.#commits.submit(
      this,
      entries.map((entry) => this.prepare(entry)),
    );
  }

  /** Stamps an entry with the time and hashes it. */
  prepare({ direction, service, operation, caller, device, correlationUid, body, redacted }: LogEntry): PreparedEntry {
    const bodySha256 = sha256Hex(body);
    const leaf = {
      version: LEAF_VERSION,
      timeMs: this.#clock.now(),
      organisation: caller?.organisation ?? "",
      user: caller?.userName ?? "",
      application: caller?.applicationName ?? "",
      service,
      operation,
      device: device ?? "",
      correlationUid: correlationUid ?? "",
      direction,
      bodySha256,
      storedSha256: redacted ? sha256Hex(redacted.body) : bodySha256,
      redactions: redacted?.count ?? 0,
    };
    return { leaf, stored: redacted?.body ?? body };
  }

  /** Adds entries in a transaction of the group commit, each list in its order. */
  async write(transaction: Transaction, lists: readonly (readonly PreparedEntry[])[]): Promise<readonly undefined[]> {
    const entries = lists.flat();
    const first = await this.#database.dialect.takeLogIndexes(transaction, entries.length);
    await insertMessageLogRows(
      transaction,
      entries.map((entry, at) => toRow(entry, first + at)),
    );
    return lists.map(() => undefined);
  }
}
