import { decodeApdu, isCipheredTag } from "./apdu-codec.ts";
import { type ClientState, unexpectedApdu } from "./association.ts";
import type { DlmsClientOptions } from "./client-options.ts";
import { DlmsError } from "./errors.ts";
import type { OpenedApdu, SecureChannel } from "./secure-channel.ts";

/** Takes the protection off what arrives, and lets a log see it. */
export class Incoming {
  readonly #channel: SecureChannel | undefined;
  readonly #onApdu: DlmsClientOptions["onApdu"];
  readonly #state: () => ClientState;

  constructor(channel: SecureChannel | undefined, onApdu: DlmsClientOptions["onApdu"], state: () => ClientState) {
    this.#channel = channel;
    this.#onApdu = onApdu;
    this.#state = state;
  }

  /** The plain octets of what arrived, and whether they were protected as they have to be. @throws DlmsError */
  open(bytes: Uint8Array): { plain: Uint8Array; secured: boolean } {
    const { apdu: plain, trusted: secured } = isCipheredTag(bytes[0] ?? 0)
      ? this.decipher(bytes)
      : { apdu: bytes, trusted: false };
    this.#onApdu?.("received", plain);
    return { plain, secured };
  }

  /** @throws DlmsError */
  decipher(bytes: Uint8Array): OpenedApdu {
    try {
      const apdu = decodeApdu(bytes);
      if (!this.#channel || apdu.type !== "ciphered") throw unexpectedApdu(apdu, this.#state());
      return this.#channel.open(apdu);
    } catch (error) {
      this.#onApdu?.("received", bytes);
      throw error;
    }
  }
}

/** Whether an answer was whole but made no sense. */
export function isUnusable(error: unknown): error is DlmsError {
  return (
    error instanceof DlmsError &&
    ["remote/malformed", "remote/truncated", "remote/too-large", "remote/too-many"].includes(error.code)
  );
}
