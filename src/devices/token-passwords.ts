import { createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import type { Organisation } from "../domain/organisation.ts";
import type { Random } from "../lib/random.ts";
import { createSecretFile, readSecretFile } from "./secret-file.ts";

const KEY_OCTETS = 32;
const WHAT = "the file with the key of UsernameToken passwords";

/**
 * Passwords of users that show a UsernameToken. To check a digest the password itself is needed, so none is stored: each
 * follows from a key that only this file has, and from a number that grows when it is to change.
 */
export class TokenPasswords {
  readonly #key: Buffer;

  private constructor(key: Buffer) {
    this.#key = key;
  }

  /** Reads the key, or makes one. @throws MetergateError VAULT_UNREADABLE */
  static open(file: string, random: Random): TokenPasswords {
    if (!existsSync(file)) createSecretFile(file, `${Buffer.from(random.bytes(KEY_OCTETS)).toString("base64")}\n`);
    return new TokenPasswords(Buffer.from(readSecretFile(file, WHAT).toString("utf8"), "base64"));
  }

  /** Tells this key from others, and nothing more of it. */
  get keyId(): string {
    return createHmac("sha256", this.#key).update("id").digest("hex");
  }

  /** The password of a user; undefined when the organisation has no such user. */
  passwordOf({ identification, tokenUsers = [] }: Organisation, user: string): string | undefined {
    const known = tokenUsers.find((each) => each.user === user);
    if (!known) return undefined;
    const whose = JSON.stringify([identification, user, known.generation]);
    return createHmac("sha256", this.#key).update(whose).digest("base64url");
  }
}
