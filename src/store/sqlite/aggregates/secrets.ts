import type { SecretType } from "../../../domain/device.ts";
import {
  FIND_SECRET,
  SECRET_COLUMNS,
  SECRET_READ_COLUMNS,
  type SecretReadRow,
  type SecretRow,
  toSecret,
} from "../../rows/secret.ts";
import type { SealedSecret, SecretState, SecretsStore } from "../../secrets.ts";
import type { Connection, SqlValue, Synchronous } from "../connection.ts";
import { writeEntries } from "./message-log.ts";

function move(
  db: Connection,
  { device, type }: { device: string; type: SecretType },
  from: SecretState,
  to: SecretState,
  nowMs: number,
): void {
  db.run(
    `update secret set state = '${to}', state_since_ms = ? where device = ? and type = ? and state = '${from}'`,
    ...[nowMs, device, type],
  );
}

function insert(
  db: Connection,
  secrets: readonly SealedSecret[],
  state: SecretState,
  nowMs: number,
  broughtBy: string | null,
): void {
  db.insert(
    "secret",
    SECRET_COLUMNS,
    secrets.map(({ id, device, type, kekId, wrappedKey, sealed }) => [
      ...[id, device, type, state, nowMs, kekId, wrappedKey, sealed, broughtBy],
    ]),
  );
}

/** Device and type, with a space between, of every active secret of these devices. */
export function activeSecrets(db: Connection, devices: readonly string[]): Set<string> {
  const rows = db.all<SecretRow>(
    `select device, type from secret where device in (select value from json_each(?)) and state = 'ACTIVE'`,
    JSON.stringify(devices),
  );
  return new Set(rows.map(({ device, type }) => `${device} ${type}`));
}

/** Puts secrets in use at once: what was active expires, what was new is withdrawn. */
export function insertActiveSecrets(db: Connection, secrets: readonly SealedSecret[], nowMs: number): void {
  for (const secret of secrets) {
    move(db, secret, "ACTIVE", "EXPIRED", nowMs);
    move(db, secret, "NEW", "WITHDRAWN", nowMs);
  }
  insert(db, secrets, "ACTIVE", nowMs, null);
}

function insertReads(db: Connection, rows: readonly SqlValue[][]): void {
  db.insert("secret_read", SECRET_READ_COLUMNS, rows);
}

export function secrets(db: Connection): Synchronous<SecretsStore> {
  return {
    read(reads, evidence) {
      const secrets: SealedSecret[] = [];
      for (const { device, type, state } of reads) {
        const row = db.get<SecretRow>(FIND_SECRET[state], device, type);
        if (!row) return { missing: type };
        secrets.push(toSecret(row));
      }
      const rows = reads.map(({ readMs, device, type, purpose, correlationUid }, i) => [
        ...[readMs, secrets[i]!.id, device, type, purpose, correlationUid],
      ]);
      db.later(insertReads, rows);
      writeEntries(db, [evidence]);
      return { secrets };
    },

    formerly: (device, type) =>
      db
        .all<SecretRow>("select * from secret where device = ? and type = ? and state <> 'NEW'", device, type)
        .map(toSecret),

    typesIn: (device, state) =>
      db
        .all<SecretRow>("select type from secret where device = ? and state = ?", device, state)
        .map(({ type }) => type),

    insertNew(news, nowMs, broughtBy) {
      for (const secret of news) {
        move(db, secret, "NEW", "WITHDRAWN", nowMs);
        insert(db, [secret], "NEW", nowMs, broughtBy);
      }
    },

    broughtBy: (device, action) =>
      db
        .all<SecretRow>("select type, state from secret where device = ? and brought_by = ?", device, action)
        .map(({ type, state }) => ({ type, state })),

    insertActive: (actives, nowMs) => insertActiveSecrets(db, actives, nowMs),

    activate(device, types, nowMs) {
      const rows = db.all<SecretRow>("select type from secret where device = ? and state = 'NEW'", device);
      const missing = types.find((type) => !rows.some((row) => row.type === type));
      if (missing !== undefined) return missing;
      for (const type of types) {
        move(db, { device, type }, "ACTIVE", "EXPIRED", nowMs);
        move(db, { device, type }, "NEW", "ACTIVE", nowMs);
      }
      return undefined;
    },

    reads: (device) =>
      db.all<SecretReadRow>("select * from secret_read where device = ? order by id", device).map((row) => ({
        readMs: row.read_ms,
        secretId: row.secret_id,
        device: row.device,
        type: row.type,
        purpose: row.purpose,
        correlationUid: row.correlation_uid,
      })),

    kekIds: () => db.all<SecretRow>("select distinct kek_id from secret").map((row) => row.kek_id),

    // A walk along the primary key: each is passed once in a rotation, also one that cannot be unwrapped.
    notWrappedBy: (kekId, limit, after) =>
      db
        .all<SecretRow>("select * from secret where id > ? and kek_id <> ? order by id limit ?", after, kekId, limit)
        .map(toSecret),

    rewrap(rewrapped, evidence) {
      for (const { id, kekId, wrappedKey } of rewrapped) {
        db.run("update secret set kek_id = ?, wrapped_key = ? where id = ?", kekId, wrappedKey, id);
      }
      writeEntries(db, evidence);
    },
  };
}
