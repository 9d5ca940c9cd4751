import type { Knex } from "knex";
import type { SecretType } from "../domain/device.ts";
import type { Database } from "./database.ts";
import type { BatchWriter } from "./group-commit.ts";
import { insertRows } from "./insert-rows.ts";

/**
 * NEW: stored, not yet in use by the device. ACTIVE: in use. EXPIRED: was in use. WITHDRAWN: never came into use.
 */
export type SecretState = "NEW" | "ACTIVE" | "EXPIRED" | "WITHDRAWN";

/** A secret as it lies in the database. */
export interface SealedSecret {
  readonly id: string;
  readonly device: string;
  readonly type: SecretType;
  /** The key-encryption key that wraps the data key. */
  readonly kekId: string;
  readonly wrappedKey: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Who reads a secret, when and what for. */
export interface SecretRead {
  readonly readMs: number;
  readonly device: string;
  readonly type: SecretType;
  readonly state: "NEW" | "ACTIVE";
  readonly purpose: string;
  readonly correlationUid: string | null;
}

/** A read that was written down. */
export interface RecordedRead extends Omit<SecretRead, "state"> {
  readonly secretId: string;
}

/** One statement per state: only a state that stands in the text lets the database use that state's index. */
const FIND = {
  NEW: "select * from secret where device = ? and type = ? and state = 'NEW'",
  ACTIVE: "select * from secret where device = ? and type = ? and state = 'ACTIVE'",
} as const;
const READ_COLUMNS = ["read_ms", "secret_id", "device", "type", "purpose", "correlation_uid"] as const;

interface Row {
  readonly id: string;
  readonly device: string;
  readonly type: SecretType;
  readonly kek_id: string;
  readonly wrapped_key: Uint8Array;
  readonly sealed: Uint8Array;
}

function fromRow(row: Row): SealedSecret {
  const { id, device, type, sealed } = row;
  return { id, device, type, sealed, kekId: row.kek_id, wrappedKey: row.wrapped_key };
}

function toRow({ id, device, type, sealed, kekId, wrappedKey }: SealedSecret, state: SecretState, nowMs: number) {
  return { id, device, type, sealed, state, state_since_ms: nowMs, kek_id: kekId, wrapped_key: wrappedKey };
}

async function move(
  knex: Knex,
  { device, type }: { device: string; type: SecretType },
  from: SecretState,
  to: SecretState,
  nowMs: number,
): Promise<number> {
  return knex("secret").where({ device, type, state: from }).update({ state: to, state_since_ms: nowMs });
}

/** Device and type, with a space between, of every active secret of these devices. */
export async function activeSecrets(knex: Knex, devices: readonly string[]): Promise<Set<string>> {
  const rows: Row[] = await knex("secret").select("device", "type").whereIn("device", devices).where("state", "ACTIVE");
  return new Set(rows.map(({ device, type }) => `${device} ${type}`));
}

/** Puts secrets in use at once: what was active expires, what was new is withdrawn. */
export async function insertActiveSecrets(
  transaction: Knex.Transaction,
  secrets: readonly SealedSecret[],
  nowMs: number,
): Promise<void> {
  for (const secret of secrets) {
    await move(transaction, secret, "ACTIVE", "EXPIRED", nowMs);
    await move(transaction, secret, "NEW", "WITHDRAWN", nowMs);
  }
  await transaction("secret").insert(secrets.map((secret) => toRow(secret, "ACTIVE", nowMs)));
}

/** Sealed secrets of devices, their states, and who read them. */
export class SecretsRepository {
  readonly #database: Database;
  readonly #knex: Knex;

  constructor(database: Database) {
    this.#database = database;
    this.#knex = database.knex;
  }

  /**
   * Finds a secret and writes down that it was read. The row about it is durable when this resolves, so nobody gets to
   * use a secret without one.
   */
  read(read: SecretRead): Promise<SealedSecret | undefined> {
    return this.#database.commits.submit(this.#reading, read);
  }

  readonly #reading: BatchWriter<SecretRead, SealedSecret | undefined> = {
    write: async (transaction, reads) => {
      const found: (SealedSecret | undefined)[] = [];
      for (const { device, type, state } of reads) {
        const [row]: Row[] = await transaction.raw(FIND[state], [device, type]);
        found.push(row && fromRow(row));
      }
      const rows = reads.flatMap(({ readMs, device, type, purpose, correlationUid }, at) => {
        const secretId = found[at]?.id;
        return secretId === undefined ? [] : [[readMs, secretId, device, type, purpose, correlationUid]];
      });
      await insertRows(transaction, "secret_read", READ_COLUMNS, rows);
      return found;
    },
  };

  /** The secrets of a type that the device has or may have had: all but the one that is to be used next. */
  async formerly(device: string, type: SecretType): Promise<SealedSecret[]> {
    const rows: Row[] = await this.#knex("secret").where({ device, type }).whereNot({ state: "NEW" });
    return rows.map(fromRow);
  }

  /** Those of the types that the device has a secret of in this state. */
  async typesIn(device: string, state: "NEW" | "ACTIVE"): Promise<SecretType[]> {
    const rows: Row[] = await this.#knex("secret").select("type").where({ device, state });
    return rows.map(({ type }) => type);
  }

  /**
   * Stores secrets as NEW, all or none; what was NEW of the same types is withdrawn.
   * @param broughtBy action of a request that brings them, null for none
   */
  async insertNew(secrets: readonly SealedSecret[], nowMs: number, broughtBy: string | null): Promise<void> {
    await this.#knex.transaction(async (transaction) => {
      for (const secret of secrets) {
        await move(transaction, secret, "NEW", "WITHDRAWN", nowMs);
        await transaction("secret").insert({ ...toRow(secret, "NEW", nowMs), brought_by: broughtBy });
      }
    });
  }

  /** What an action of a request brought for a device, and what became of it. */
  async broughtBy(device: string, action: string): Promise<{ type: SecretType; state: SecretState }[]> {
    return this.#knex("secret").where({ device, brought_by: action }).select("type", "state");
  }

  /** Stores secrets as ACTIVE, all or none. */
  async insertActive(secrets: readonly SealedSecret[], nowMs: number): Promise<void> {
    await this.#knex.transaction((transaction) => insertActiveSecrets(transaction, secrets, nowMs));
  }

  /**
   * Makes the NEW secrets of these types ACTIVE and the ACTIVE ones EXPIRED, all or none.
   * @returns the first type that has no NEW secret, and then nothing changed
   */
  async activate(device: string, types: readonly SecretType[], nowMs: number): Promise<SecretType | undefined> {
    return this.#knex.transaction(async (transaction) => {
      const rows: Row[] = await transaction("secret").select("type").where({ device, state: "NEW" });
      const missing = types.find((type) => !rows.some((row) => row.type === type));
      if (missing !== undefined) return missing;
      for (const type of types) {
        await move(transaction, { device, type }, "ACTIVE", "EXPIRED", nowMs);
        await move(transaction, { device, type }, "NEW", "ACTIVE", nowMs);
      }
      return undefined;
    });
  }

  /** Reads of a device's secrets, oldest first. */
  async reads(device: string): Promise<RecordedRead[]> {
    const rows = await this.#knex("secret_read").where({ device }).orderBy("id");
    return rows.map((row) => ({
      readMs: row.read_ms,
      secretId: row.secret_id,
      device: row.device,
      type: row.type,
      purpose: row.purpose,
      correlationUid: row.correlation_uid,
    }));
  }

  /** The key-encryption keys that secrets still need. */
  async kekIds(): Promise<string[]> {
    const rows = await this.#knex("secret").distinct("kek_id");
    return rows.map((row) => row.kek_id);
  }

  /** Some secrets whose data key another key than `kekId` wraps. */
  async notWrappedBy(kekId: string, limit: number): Promise<SealedSecret[]> {
    // Two ranges instead of "not equal": the index finds them without passing over those that are done.
    const rows: Row[] = await this.#knex("secret")
      .where("kek_id", "<", kekId)
      .orWhere("kek_id", ">", kekId)
      .limit(limit);
    return rows.map(fromRow);
  }

  /** Stores data keys that were wrapped anew, in one transaction. The secrets themselves stay as they are. */
  async rewrap(secrets: readonly Pick<SealedSecret, "id" | "kekId" | "wrappedKey">[]): Promise<void> {
    await this.#knex.transaction(async (transaction) => {
      for (const { id, kekId, wrappedKey } of secrets) {
        await transaction("secret").where({ id }).update({ kek_id: kekId, wrapped_key: wrappedKey });
      }
    });
  }
}
