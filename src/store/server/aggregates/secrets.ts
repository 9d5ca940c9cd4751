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
import { AT_MOST, type Session, type SqlValue } from "../session.ts";
import { writeEntries } from "./message-log.ts";

async function move(
  db: Session,
  { device, type }: { device: string; type: SecretType },
  from: SecretState,
  to: SecretState,
  nowMs: number,
): Promise<void> {
  await db.run(
    `update secret set state = '${to}', state_since_ms = ? where device = ? and type = ? and state = '${from}'`,
    ...[nowMs, device, type],
  );
}

async function insert(
  db: Session,
  secrets: readonly SealedSecret[],
  state: SecretState,
  nowMs: number,
  broughtBy: string | null,
): Promise<void> {
  const rows = secrets.map(({ id, device, type, kekId, wrappedKey, sealed }) => [
    ...[id, device, type, state, nowMs, kekId, wrappedKey, sealed, broughtBy],
  ]);
  db.insert("secret", SECRET_COLUMNS, rows);
}

/** Device and type, with a space between, of every active secret of these devices. */
export async function activeSecrets(db: Session, devices: readonly string[]): Promise<Set<string>> {
  const sql = `select device, type from secret where device ${db.among} and state = 'ACTIVE'`;
  const rows = await db.all<SecretRow>(sql, devices);
  return new Set(rows.map(({ device, type }) => `${device} ${type}`));
}

/** Puts secrets in use at once: what was active expires, what was new is withdrawn. */
export async function insertActiveSecrets(db: Session, secrets: readonly SealedSecret[], nowMs: number): Promise<void> {
  for (const secret of secrets) {
    await move(db, secret, "ACTIVE", "EXPIRED", nowMs);
    await move(db, secret, "NEW", "WITHDRAWN", nowMs);
  }
  await insert(db, secrets, "ACTIVE", nowMs, null);
}

async function insertReads(db: Session, rows: readonly (readonly SqlValue[])[]): Promise<void> {
  db.insert("secret_read", SECRET_READ_COLUMNS, rows);
}

export function secrets(db: Session): SecretsStore {
  return {
    async read(reads, evidence) {
      const secrets: SealedSecret[] = [];
      for (const { device, type, state } of reads) {
        const row = await db.get<SecretRow>(FIND_SECRET[state], device, type);
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

    async formerly(device, type) {
      const sql = "select * from secret where device = ? and type = ? and state <> 'NEW'";
      return (await db.all<SecretRow>(sql, device, type)).map(toSecret);
    },

    typesIn: async (device, state) =>
      (await db.all<SecretRow>("select type from secret where device = ? and state = ?", device, state)).map(
        ({ type }) => type,
      ),

    async insertNew(news, nowMs, broughtBy) {
      for (const secret of news) {
        await move(db, secret, "NEW", "WITHDRAWN", nowMs);
        await insert(db, [secret], "NEW", nowMs, broughtBy);
      }
    },

    broughtBy: async (device, action) =>
      (
        await db.all<SecretRow>("select type, state from secret where device = ? and brought_by = ?", device, action)
      ).map(({ type, state }) => ({ type, state })),

    insertActive: (actives, nowMs) => insertActiveSecrets(db, actives, nowMs),

    async activate(device, types, nowMs) {
      const rows = await db.all<SecretRow>("select type from secret where device = ? and state = 'NEW'", device);
      const missing = types.find((type) => !rows.some((row) => row.type === type));
      if (missing !== undefined) return missing;
      for (const type of types) {
        await move(db, { device, type }, "ACTIVE", "EXPIRED", nowMs);
        await move(db, { device, type }, "NEW", "ACTIVE", nowMs);
      }
      return undefined;
    },

    reads: async (device) =>
      (await db.all<SecretReadRow>("select * from secret_read where device = ? order by id", device)).map((row) => ({
        readMs: row.read_ms,
        secretId: row.secret_id,
        device: row.device,
        type: row.type,
        purpose: row.purpose,
        correlationUid: row.correlation_uid,
      })),

    kekIds: async () => (await db.all<SecretRow>("select distinct kek_id from secret")).map((row) => row.kek_id),

    // A walk along the primary key: each is passed once in a rotation, also one that cannot be unwrapped.
    async notWrappedBy(kekId, limit, after) {
      const sql = `select * from secret where id > ? and kek_id <> ? order by id ${AT_MOST}`;
      return (await db.all<SecretRow>(sql, after, kekId, limit)).map(toSecret);
    },

    async rewrap(rewrapped, evidence) {
      for (const { id, kekId, wrappedKey } of rewrapped) {
        await db.run("update secret set kek_id = ?, wrapped_key = ? where id = ?", kekId, wrappedKey, id);
      }
      writeEntries(db, evidence);
    },
  };
}
