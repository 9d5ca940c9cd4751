import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { MetergateError } from "../domain/errors.ts";
import type { Random } from "../lib/random.ts";
import { openSealed, seal } from "./sealing.ts";
import { createSecretFile, readSecretFile, replaceSecretFile, withFileLock } from "./secret-file.ts";

/**
 * A key that only ever encrypts data keys. A file holds it here; behind the same interface a PKCS#11 token or a key
 * management service would do the work without giving the key away, which is why the calls are asynchronous.
 */
export interface KeyEncryptionKey {
  /** Names the key in every row that it wraps. Not secret. */
  readonly id: string;
  wrap(dataKey: Uint8Array): Promise<Uint8Array>;
  /** @throws MetergateError VAULT_UNREADABLE when `wrapped` is not what this key wrapped. */
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>;
}

/** The key-encryption keys of one vault: one that wraps, and those that still unwrap. */
export interface KeyEncryptionKeys {
  active(): Promise<KeyEncryptionKey>;
  /** @throws MetergateError VAULT_UNREADABLE when there is no such key. */
  get(id: string): Promise<KeyEncryptionKey>;
  /** Adds a key and makes it the active one; the others still unwrap. */
  add(): Promise<KeyEncryptionKey>;
  /** Ids of all keys, the active one last. */
  ids(): Promise<string[]>;
  /** Forgets keys for good. The active one cannot be forgotten. */
  drop(ids: readonly string[]): Promise<void>;
}

const KEY_LENGTH = 32;

/** AES-256-GCM under 32 octets, with the id as associated data. */
function fileKey(key: Uint8Array, random: Random): KeyEncryptionKey {
  // A digest of the key names it: two files that give one id to different keys cannot exist.
  const id = createHash("sha256").update("metergate key-encryption key").update(key).digest("hex").slice(0, 16);
  const associatedData = Buffer.from(id);
  return {
    id,
    wrap: async (dataKey) => seal(key, dataKey, associatedData, random),
    unwrap: async (wrapped) => openSealed(key, wrapped, associatedData),
  };
}

/** A key and its line in the file. */
interface Entry {
  readonly key: KeyEncryptionKey;
  readonly line: string;
}

function newLine(random: Random): string {
  return Buffer.from(random.bytes(KEY_LENGTH)).toString("base64");
}

/**
 * Keys in a text file that only its owner can read: one per line in base64, the active one last. The file is read again
 * before something is sealed and when a key is missing, so a rotation by another process needs no restart.
 */
export class FileKeyEncryptionKeys implements KeyEncryptionKeys {
  readonly #path: string;
  readonly #random: Random;
  #keys = new Map<string, Entry>();

  private constructor(path: string, random: Random) {
    this.#path = path;
    this.#random = random;
  }

  /**
   * @throws MetergateError VAULT_UNREADABLE when the file is missing, others may read it, or it holds anything but keys.
   */
  static open(path: string, random: Random): FileKeyEncryptionKeys {
    const keys = new FileKeyEncryptionKeys(path, random);
    keys.#refresh();
    return keys;
  }

  /** Makes the file with one new key, unless it is there. */
  static create(path: string, random: Random): FileKeyEncryptionKeys {
    if (!existsSync(path)) createSecretFile(path, `${newLine(random)}\n`);
    return FileKeyEncryptionKeys.open(path, random);
  }

  async active(): Promise<KeyEncryptionKey> {
    this.#refresh();
    return [...this.#keys.values()].at(-1)!.key;
  }

  async get(id: string): Promise<KeyEncryptionKey> {
    if (!this.#keys.has(id)) this.#refresh();
    const entry = this.#keys.get(id);
    if (!entry) throw new MetergateError("VAULT_UNREADABLE", `${this.#path} lacks the key-encryption key ${id}`);
    return entry.key;
  }

  async add(): Promise<KeyEncryptionKey> {
    const line = newLine(this.#random);
    this.#change((entries) => [...entries.map((entry) => entry.line), line]);
    return this.active();
  }

  async ids(): Promise<string[]> {
    this.#refresh();
    return [...this.#keys.keys()];
  }

  async drop(ids: readonly string[]): Promise<void> {
    this.#change((entries) =>
      entries.filter(({ key }, i) => i === entries.length - 1 || !ids.includes(key.id)).map(({ line }) => line),
    );
  }

  #change(linesOf: (entries: readonly Entry[]) => string[]): void {
    const changed = withFileLock(this.#path, () => {
      this.#refresh();
      replaceSecretFile(this.#path, `${linesOf([...this.#keys.values()]).join("\n")}\n`);
    });
    if (!changed) {
      throw new MetergateError("SERVICE_BUSY", `the vault's keys are being changed; if not, delete ${this.#path}.lock`);
    }
  }

  #refresh(): void {
    const content = readSecretFile(this.#path, "the vault's key file").toString("utf8");
    const lines = content.split("\n").filter(Boolean);
    const keys = lines.map((line) => Buffer.from(line, "base64"));
    if (keys.length === 0 || keys.some((key) => key.length !== KEY_LENGTH)) {
      throw new MetergateError(
        "VAULT_UNREADABLE",
        `the vault's key file ${this.#path} must hold one or more lines of ${KEY_LENGTH} octets in base64`,
      );
    }
    this.#keys = new Map(
      lines.map((line, i) => {
        const key = fileKey(keys[i]!, this.#random);
        return [key.id, { key, line }];
      }),
    );
  }
}
