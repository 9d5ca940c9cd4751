import { existsSync } from "node:fs";
import type { SecretType } from "../domain/device.ts";
import { MetergateError } from "../domain/errors.ts";
import { equalBytes } from "../lib/bytes.ts";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import { evidenceOf } from "../message-log/evidence.ts";
import { SECRET_TYPES } from "../operations/secret-types.ts";
import type { AgreementsStore } from "../store/agreements.ts";
import type { NewLogEntry } from "../store/message-log.ts";
import type { SealedSecret, SecretState, SecretsStore } from "../store/secrets.ts";
import { FileKeyEncryptionKeys, type KeyEncryptionKey, type KeyEncryptionKeys } from "./key-encryption-key.ts";
import { openSealed, seal } from "./sealing.ts";
import { requireShared, VAULT_KEY } from "./shared-keys.ts";

/** Who reads a secret; goes into the log of messages, and into a table with the time and the secret's id. */
export interface SecretReader {
  /** A few words, e.g. "association" or the operation's name. */
  readonly purpose: string;
  /** Of the request that needs it, if one does. */
  readonly correlationUid?: string | undefined;
}

/** A secret in clear. The octets are the holder's to keep short-lived. */
export interface Secret {
  readonly type: SecretType;
  readonly value: Uint8Array;
}

/** One of the secrets that are read together. */
export interface WantedSecret {
  readonly type: SecretType;
  /** NEW: the one that is to be used next; ACTIVE: the one in use. */
  readonly state: "NEW" | "ACTIVE";
}

export interface RotationResult {
  /** Secrets whose data key is now wrapped by the new key. */
  readonly rewrapped: number;
  /** Key-encryption keys that were forgotten because nothing needs them any more. */
  readonly dropped: number;
  /** Secrets that cannot be unwrapped and stay as they are, with the key that they say they need. */
  readonly unreadable: number;
  /** Devices and types of the first of them. */
  readonly named: readonly string[];
}

/** How many of what cannot be read are named. */
const MOST_NAMED = 20;

const DATA_KEY_LENGTH = 32;
const DEVICE_KEY_LENGTH = 16;
const ROTATION_BATCH = 200;

/** What the contract can name is an AES-128 key; what else a family has, it describes itself, see `Family.secrets`. */
const DEVICE_KEYS: ReadonlySet<SecretType> = new Set(SECRET_TYPES);

function requireLength({ type, value }: Secret): void {
  const wrong = DEVICE_KEYS.has(type) ? value.length !== DEVICE_KEY_LENGTH : value.length === 0;
  if (wrong) throw new MetergateError("INVALID_KEY_FORMAT", `${type} cannot have ${value.length} octets`);
}

/** Binds a sealed secret to its row. Its state is not part of it, so a change of state needs no key. */
function associatedData(secret: Pick<SealedSecret, "id" | "device" | "type">): Uint8Array {
  return Buffer.from(JSON.stringify([secret.id, secret.device, secret.type]));
}

/**
 * The secrets of devices. Each is sealed (AES-256-GCM) under a data key of its own, which a key-encryption key wraps;
 * sealed and wrapped are all that the database ever sees. Every read leaves an entry in the log of messages, and a row,
 * that say who and why.
 */
export class KeyVault {
  readonly #secrets: SecretsStore;
  readonly #keys: KeyEncryptionKeys;
  readonly #agreements: AgreementsStore | undefined;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(parts: {
    secrets: SecretsStore;
    keys: KeyEncryptionKeys;
    agreements?: AgreementsStore | undefined;
    clock: Clock;
    random: Random;
  }) {
    this.#agreements = parts.agreements;
    this.#secrets = parts.secrets;
    this.#keys = parts.keys;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  /** The secret in use, or null when there is none. @throws MetergateError VAULT_UNREADABLE */
  async getActive(device: string, type: SecretType, reader: SecretReader): Promise<Uint8Array | null> {
    return this.#readOne(device, { type, state: "ACTIVE" }, reader);
  }

  /** The secret that is to be used next, or null when there is none. @throws MetergateError VAULT_UNREADABLE */
  async getNew(device: string, type: SecretType, reader: SecretReader): Promise<Uint8Array | null> {
    return this.#readOne(device, { type, state: "NEW" }, reader);
  }

  /**
   * Secrets of a device in one read, all or none, in the order in which they are wanted.
   * @throws MetergateError KEY_NOT_PRESENT that names the first that there is none of, VAULT_UNREADABLE
   */
  async getTogether(device: string, wanted: readonly WantedSecret[], reader: SecretReader): Promise<Uint8Array[]> {
    const read = await this.#read(device, wanted, reader);
    if (Array.isArray(read)) return read;
    throw new MetergateError("KEY_NOT_PRESENT", `${device} has no ${read}`);
  }

  /** Whether the device has a new secret of one of these types: a key change did not come to its end. */
  async hasNew(device: string, types: readonly SecretType[]): Promise<boolean> {
    const found = await this.#secrets.typesIn(device, "NEW");
    return found.some((type) => types.includes(type));
  }

  /**
   * Whether the device has or may have had the new secret of a type before: some other one is the same. Nobody gets to
   * see any of them.
   * @throws MetergateError VAULT_UNREADABLE
   */
  async hadBefore(device: string, type: SecretType, reader: SecretReader): Promise<boolean> {
    const value = await this.getNew(device, type, reader);
    if (!value) return false;
    for (const secret of await this.#secrets.formerly(device, type)) {
      const former = openSealed(await this.#unwrap(secret), secret.sealed, associatedData(secret));
      if (equalBytes(former, value)) return true;
    }
    return false;
  }

  /** Types of the secrets in use. Reads none of them. */
  async activeTypes(device: string): Promise<SecretType[]> {
    return this.#secrets.typesIn(device, "ACTIVE");
  }

  /**
   * Stores secrets as new, all or none; older new ones of the same types are withdrawn.
   * @param action of a request, that brings them; see `broughtBy`
   * @throws MetergateError INVALID_KEY_FORMAT when a key has not 16 octets.
   */
  async storeNew(device: string, secrets: readonly Secret[], action?: string): Promise<void> {
    await this.#secrets.insertNew(await this.seal(device, secrets), this.#clock.now(), action ?? null);
  }

  /** Makes random keys and stores them as new. */
  async generateAndStoreNew(device: string, types: readonly SecretType[], action?: string): Promise<void> {
    const secrets = types.map((type) => ({ type, value: this.#random.bytes(DEVICE_KEY_LENGTH) }));
    await this.storeNew(device, secrets, action);
  }

  /** What an action of a request brought for a device, and what became of it: how far an attempt before has come. */
  async broughtBy(device: string, action: string): Promise<{ type: SecretType; state: SecretState }[]> {
    return this.#secrets.broughtBy(device, action);
  }

  /**
   * The device has taken the new secrets: they become active, the active ones expire, all or none.
   * @throws MetergateError KEY_NOT_PRESENT when a type has no new secret; nothing changes then.
   */
  async activate(device: string, types: readonly SecretType[]): Promise<void> {
    const missing = await this.#secrets.activate(device, types, this.#clock.now());
    if (missing) throw new MetergateError("KEY_NOT_PRESENT", `${device} has no new ${missing} to activate`);
  }

  /** Stores secrets as active at once, all or none, for keys that the device has already. */
  async storeActive(device: string, secrets: readonly Secret[]): Promise<void> {
    await this.#secrets.insertActive(await this.seal(device, secrets), this.#clock.now());
  }

  /**
   * Seals secrets for the database, without storing them.
   * @throws MetergateError INVALID_KEY_FORMAT when a key has not 16 octets.
   */
  async seal(device: string, secrets: readonly Secret[]): Promise<SealedSecret[]> {
    for (const secret of secrets) requireLength(secret);
    const kek = await this.#keys.active();
    const sealed: SealedSecret[] = [];
    for (const { type, value } of secrets) {
      const row = { id: this.#random.uuid(), device, type };
      const dataKey = this.#random.bytes(DATA_KEY_LENGTH);
      sealed.push({
        ...row,
        kekId: kek.id,
        wrappedKey: await kek.wrap(dataKey),
        sealed: seal(dataKey, value, associatedData(row), this.#random),
      });
    }
    return sealed;
  }

  /**
   * Adds a key-encryption key and wraps every data key with it, in batches, while others go on reading and storing. One
   * that cannot be unwrapped is named and keeps none of the others back.
   * The key before stays for a process that is just storing something under it; the next rotation forgets it.
   * @param user who ordered it, for the log
   */
  async rotate(user?: string): Promise<RotationResult> {
    const active = await this.#keys.active();
    const retired = (await this.#keys.ids()).filter((id) => id !== active.id);
    const kek = await this.#keys.add();
    await this.#agreements?.change(VAULT_KEY, kek.id);
    const evidence = (details: Readonly<Record<string, unknown>>) =>
      evidenceOf({ by: "operator", operation: "vault rotate", user, details }, this.#clock.now());
    await this.#secrets.rewrap([], [evidence({ added: kek.id })]);
    let rewrapped = 0;
    let pass: { rewrapped: number; unreadable: string[] };
    do {
      pass = await this.#rewrapAll(kek, evidence);
      rewrapped += pass.rewrapped;
      // Once more: others may have stored something meanwhile.
    } while (pass.rewrapped > 0);
    const needed = await this.#secrets.kekIds();
    const dropped = retired.filter((id) => !needed.includes(id));
    await this.#keys.drop(dropped);
    const { unreadable } = pass;
    return {
      rewrapped,
      dropped: dropped.length,
      unreadable: unreadable.length,
      named: unreadable.slice(0, MOST_NAMED),
    };
  }

  /** One walk over all secrets. @returns how many were wrapped anew, and names of those that cannot be read */
  async #rewrapAll(kek: KeyEncryptionKey, evidence: (details: Readonly<Record<string, unknown>>) => NewLogEntry) {
    const unreadable: string[] = [];
    let rewrapped = 0;
    for (let after = ""; ; ) {
      const batch = await this.#secrets.notWrappedBy(kek.id, ROTATION_BATCH, after);
      const last = batch.at(-1);
      if (!last) return { rewrapped, unreadable };
      after = last.id;
      const wrapped = await Promise.all(batch.map((secret) => this.#rewrap(secret, kek)));
      const good = wrapped.filter((each) => each !== undefined);
      batch.forEach(({ device, type }, i) => void (wrapped[i] ?? unreadable.push(`${type} of ${device}`)));
      if (good.length > 0) await this.#secrets.rewrap(good, [evidence({ key: kek.id, rewrapped: good.length })]);
      rewrapped += good.length;
    }
  }

  /** Undefined when the data key cannot be unwrapped. */
  async #rewrap(secret: SealedSecret, kek: KeyEncryptionKey) {
    try {
      return { id: secret.id, kekId: kek.id, wrappedKey: await kek.wrap(await this.#unwrap(secret)) };
    } catch (error) {
      if (error instanceof MetergateError && error.code === "VAULT_UNREADABLE") return undefined;
      throw error;
    }
  }

  async #unwrap({ kekId, wrappedKey }: SealedSecret): Promise<Uint8Array> {
    return (await this.#keys.get(kekId)).unwrap(wrappedKey);
  }

  async #readOne(device: string, wanted: WantedSecret, reader: SecretReader): Promise<Uint8Array | null> {
    const read = await this.#read(device, [wanted], reader);
    return Array.isArray(read) ? read[0]! : null;
  }

  /** @returns the secrets in clear, or the first type that there is none of */
  async #read(
    device: string,
    wanted: readonly WantedSecret[],
    { purpose, correlationUid }: SecretReader,
  ): Promise<Uint8Array[] | SecretType> {
    const readMs = this.#clock.now();
    const secrets = Object.fromEntries(wanted.map(({ type, state }) => [type, state]));
    const details = { secrets, purpose };
    const evidence = evidenceOf({ by: "vault", operation: "read", device, correlationUid, details }, readMs);
    const forUid = correlationUid ?? null;
    const reads = wanted.map(({ type, state }) => ({ type, state, readMs, device, purpose, correlationUid: forUid }));
    const read = await this.#secrets.read(reads, evidence);
    if ("missing" in read) return read.missing;
    return Promise.all(
      read.secrets.map(async (secret) => openSealed(await this.#unwrap(secret), secret.sealed, associatedData(secret))),
    );
  }
}

/**
 * Opens the vault of a database; makes the key file when the vault is still empty.
 * @throws MetergateError VAULT_UNREADABLE when the key file is missing or lacks a key that secrets need.
 */
export async function openKeyVault(parts: {
  secrets: SecretsStore;
  /** Path of the file with the key-encryption keys. */
  keyFile: string;
  /** Of a database that several nodes share. */
  agreements?: AgreementsStore | undefined;
  clock: Clock;
  random: Random;
}): Promise<KeyVault> {
  const { secrets } = parts;
  const needed = await secrets.kekIds();
  if (needed.length > 0 && !existsSync(parts.keyFile)) {
    throw new MetergateError("VAULT_UNREADABLE", `the vault's key file ${parts.keyFile} is missing; restore it`);
  }
  const keys = FileKeyEncryptionKeys.create(parts.keyFile, parts.random);
  for (const id of needed) await keys.get(id);
  const { agreements, clock, random } = parts;
  if (agreements) await requireShared(agreements, VAULT_KEY, (await keys.ids()).reverse(), parts.keyFile);
  return new KeyVault({ secrets, keys, agreements, clock, random });
}
