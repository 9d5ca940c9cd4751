import { MetergateError } from "../domain/errors.ts";
import type { Hex } from "../lib/bytes.ts";
import type { DevicesStore } from "../store/devices.ts";
import type { NewLogEntry } from "../store/message-log.ts";
import { parsePublicKey, sealKey } from "./platform-keys.ts";

/** The public keys that callers' applications want keys sealed with. */
export class ApplicationKeys {
  readonly #devices: DevicesStore;

  constructor(devices: DevicesStore) {
    this.#devices = devices;
  }

  /**
   * Registers a key, in the place of the one before, if any.
   * @param content PEM or DER, X.509 SubjectPublicKeyInfo
   * @param name of the key in error texts, e.g. its file
   * @param evidence what the log gets with it
   * @throws MetergateError UNKNOWN_ORGANISATION, VALIDATION_ERROR when it is no RSA public key of 2048 bits or more.
   */
  async add(
    organisation: string,
    application: string,
    content: Buffer,
    name: string,
    evidence: readonly NewLogEntry[] = [],
  ): Promise<void> {
    const publicKey = parsePublicKey(content, name);
    const known = await this.#devices.knownOrganisations([organisation]);
    if (!known.has(organisation)) {
      throw new MetergateError("UNKNOWN_ORGANISATION", `there is no organisation ${organisation}; add it first`);
    }
    await this.#devices.putApplicationKey(organisation, application, publicKey, evidence);
  }

  /**
   * Gives a function that seals keys for an application (RSA-OAEP).
   * @throws MetergateError NOT_FOUND when the application has no key.
   */
  async sealerFor(organisation: string, application: string): Promise<(key: Uint8Array) => Hex> {
    const publicKey = await this.#devices.findApplicationKey(organisation, application);
    if (publicKey === undefined) {
      throw new MetergateError(
        "NOT_FOUND",
        `No public key found for application ${application} and organisation ${organisation}`,
      );
    }
    return (key) => sealKey(publicKey, key);
  }
}
