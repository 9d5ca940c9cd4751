import type { SecretType } from "../../../domain/device.ts";
import type { SealedSecret, SecretState, SecretsStore } from "../../secrets.ts";
import { AT_MOST, type Session, type SqlValue } from "../session.ts";
import { writeEntries } from "./message-log.ts";

/** One statement per state: only a state that stands in the text lets the database use that state's index. */
const FIND = {
  NEW: "select * from secret where device = ? and type = ? and state = 'NEW'",
  ACTIVE: "select * from secret where device = ? and type = ? and state = 'ACTIVE'",
} as const;

const COLUMNS = [
  "id",
  "device",
  "type",
  "state",
  "state_since_ms",
  "kek_id",
  "wrapped_key",
  "sealed",
  "brought_by",
] as const;

interface Row {
  readonly id: string;
  readonly device: string;
  readonly type: SecretType;
  readonly state: SecretState;
  readonly kek_id: string;
  readonly wrapped_key: Uint8Array;
  readonly sealed: Uint8Array;
}

interface ReadRow {
  readonly read_ms: number;
  readonly secret_id: string;
  readonly device: string;
  readonly type: SecretType;
  readonly purpose: string;
  readonly correlation_uid: string | null;
}

function fromRow({ id, device, type, sealed, kek_id: kekId, wrapped_key: wrappedKey }: Row): SealedSecret {
  return { id, device, type, sealed, kekId, wrappedKey };
}

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
  db.insert("secret", COLUMNS, rows);
}

/** Device and type, with a space between, of every active secret of these devices. */
export async function activeSecrets(db: Session, devices: readonly string[]): Promise<Set<string>> {
  const sql = `select device, type from secret where device ${db.among} and state = 'ACTIVE'`;
  const rows = await db.all<Row>(sql, devices);
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

const READ_COLUMNS = ["read_ms", "secret_id", "device", "type", "purpose", "correlation_uid"];

async function insertReads(db: Session, rows: readonly (readonly SqlValue[])[]): Promise<void> {
  db.insert("secret_read", READ_COLUMNS, rows);
}

export function secrets(db: Session): SecretsStore {
  return {
    async read(reads, evidence) {
      const secrets: SealedSecret[] = [];
      for (const { device, type, state } of reads) {
        const row = await db.get<Row>(FIND[state], device, type);
        if (!row) return { missing: type };
        secrets.push(fromRow(row));
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
      return (await db.all<Row>(sql, device, type)).map(fromRow);
    },

    typesIn: async (device, state) =>
      (await db.all<Row>("select type from secret where device = ? and state = ?", device, state)).map(
        ({ type }) => type,
      ),

    async insertNew(news, nowMs, broughtBy) {
      for (const secret of news) {
        await move(db, secret, "NEW", "WITHDRAWN", nowMs);
        await insert(db, [secret], "NEW", nowMs, broughtBy);
      }
    },

    broughtBy: async (device, action) =>
      (await db.all<Row>("select type, state from secret where device = ? and brought_by = ?", device, action)).map(
        ({ type, state }) => ({ type, state }),
      ),

    insertActive: (actives, nowMs) => insertActiveSecrets(db, actives, nowMs),

    async activate(device, types, nowMs) {
      const rows = await db.all<Row>("select type from secret where device = ? and state = 'NEW'", device);
      const missing = types.find((type) => !rows.some((row) => row.type === type));
      if (missing !== undefined) return missing;
      for (const type of types) {
        await move(db, { device, type }, "ACTIVE", "EXPIRED", nowMs);
        await move(db, { device, type }, "NEW", "ACTIVE", nowMs);
      }
      return undefined;
    },

    reads: async (device) =>
      (await db.all<ReadRow>("select * from secret_read where device = ? order by id", device)).map((row) => ({
        readMs: row.read_ms,
        secretId: row.secret_id,
        device: row.device,
        type: row.type,
        purpose: row.purpose,
        correlationUid: row.correlation_uid,
      })),

    kekIds: async () => (await db.all<Row>("select distinct kek_id from secret")).map((row) => row.kek_id),

    // A walk along the primary key: each is passed once in a rotation, also one that cannot be unwrapped.
    async notWrappedBy(kekId, limit, after) {
      const sql = `select * from secret where id > ? and kek_id <> ? order by id ${AT_MOST}`;
      return (await db.all<Row>(sql, after, kekId, limit)).map(fromRow);
    },

    async rewrap(rewrapped, evidence) {
      for (const { id, kekId, wrappedKey } of rewrapped) {
        await db.run("update secret set kek_id = ?, wrapped_key = ? where id = ?", kekId, wrappedKey, id);
      }
      writeEntries(db, evidence);
    },
  };
}
