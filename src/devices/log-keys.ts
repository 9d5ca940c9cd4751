import { statSync } from "node:fs";
import * as z from "zod";
import { MetergateError } from "../domain/errors.ts";
import type { Random } from "../lib/random.ts";
import { fromBase64, toBase64 } from "../message-log/note.ts";
import { logSigner, type Signer, witnessSigner } from "../message-log/signer.ts";
import { createSecretFile, readSecretFile, replaceSecretFile } from "./secret-file.ts";

/** Octets of an Ed25519 private key. */
const SEED_LENGTH = 32;
/** Keys at the same time: the one in use and the one that follows it. */
const MOST_KEYS = 2;

const fileSchema = z.strictObject({
  name: z.string().regex(/^[^\s+]{1,200}$/),
  seeds: z.array(z.string()).min(1).max(MOST_KEYS),
});

/** The keys that checkpoints of the message log are signed with, in a file that only its owner can read. */
export class LogKeys {
  readonly #file: string;
  #readAtMs = -1;
  #signers: readonly Signer[] = [];

  private constructor(file: string) {
    this.#file = file;
  }

  /**
   * Opens the file, and makes it when there is none.
   * @param name of the log; one is made up when it is not given. That of a file that is there counts
   * @throws MetergateError VAULT_UNREADABLE
   */
  static open(file: string, random: Random, name = `metergate.invalid/${random.uuid()}`): LogKeys {
    if (!statSync(file, { throwIfNoEntry: false })) {
      createSecretFile(file, contentOf(name, [random.bytes(SEED_LENGTH)]));
    }
    return LogKeys.existing(file);
  }

  /** Opens a file that must be there. @throws MetergateError VAULT_UNREADABLE */
  static existing(file: string): LogKeys {
    const keys = new LogKeys(file);
    keys.signers();
    return keys;
  }

  /** All that sign now, the oldest first; what another process changed is noticed. @throws MetergateError VAULT_UNREADABLE */
  signers(): readonly Signer[] {
    const changedMs = statSync(this.#file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (changedMs === this.#readAtMs) return this.#signers;
    const { name, seeds } = this.#read();
    this.#signers = seeds.map((seed) => logSigner(name, seed));
    this.#readAtMs = changedMs;
    return this.#signers;
  }

  /** Signs as a witness does, with the oldest key. */
  witness(nowMs: () => number): Signer {
    const { name, seeds } = this.#read();
    return witnessSigner(name, seeds[0]!, nowMs);
  }

  /** Name of the log: its checkpoints' origin. */
  get name(): string {
    return this.signers()[0]!.key.name;
  }

  /** Adds a key, which signs beside the other from now on. @throws MetergateError when there are two already */
  add(random: Random): Signer {
    const { name, seeds } = this.#read();
    if (seeds.length === MOST_KEYS) throw refusal("there are two keys already; retire the older one first");
    const seed = random.bytes(SEED_LENGTH);
    replaceSecretFile(this.#file, contentOf(name, [...seeds, seed]));
    this.#readAtMs = -1;
    return logSigner(name, seed);
  }

  /** Takes the older key away for good. @throws MetergateError when there is only one */
  retire(): Signer {
    const { name, seeds } = this.#read();
    if (seeds.length < 2) throw refusal("there is only one key; add the one that follows it first");
    replaceSecretFile(this.#file, contentOf(name, seeds.slice(1)));
    this.#readAtMs = -1;
    return logSigner(name, seeds[0]!);
  }

  #read(): { name: string; seeds: Uint8Array[] } {
    const content = readSecretFile(this.#file, "the file of the log's keys");
    try {
      const { name, seeds } = fileSchema.parse(JSON.parse(content.toString("utf8")));
      const keys = seeds.map((seed) => fromBase64(seed));
      if (keys.every((key) => key?.length === SEED_LENGTH)) return { name, seeds: keys as Uint8Array[] };
    } catch {
      // Said below: what the parser says could hold a part of a key.
    }
    throw refusal(`${this.#file} does not hold the keys of a log`);
  }
}

function refusal(text: string): MetergateError {
  return new MetergateError("VAULT_UNREADABLE", text);
}

function contentOf(name: string, seeds: readonly Uint8Array[]): string {
  return `${JSON.stringify({ name, seeds: seeds.map(toBase64) })}\n`;
}
