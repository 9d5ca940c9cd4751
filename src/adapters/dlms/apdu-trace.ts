import { decodeApdu } from "../../dlms/apdu-codec.ts";
import { describeApdu } from "../../dlms/describe.ts";
import { DlmsError } from "../../dlms/errors.ts";
import type { DeviceMessages } from "../../domain/family-ports.ts";
import type { Caller } from "../../domain/request.ts";
import { ApduRedactor } from "./apdu-redactor.ts";

export interface ApduTraceParts {
  readonly messages: DeviceMessages;
  /** Under which the APDUs are kept. */
  readonly device: string;
  readonly caller: Caller;
  readonly correlationUid: string;
}

/** Keeps the APDUs of one run, deciphered and without secrets, each with the step that it belongs to. */
export class ApduTrace {
  readonly #parts: ApduTraceParts;
  readonly #redactor = new ApduRedactor();
  #step = "association";

  constructor(parts: ApduTraceParts) {
    this.#parts = parts;
  }

  /** For `DlmsClientOptions`. */
  readonly onApdu = (direction: "sent" | "received", apdu: Uint8Array): void => {
    const { messages, device, caller, correlationUid } = this.#parts;
    const isSent = direction === "sent";
    messages.keep({
      direction: isSent ? "to-device" : "from-device",
      service: "dlms",
      operation: this.#step,
      ...{ device, caller, correlationUid },
      body: this.#redactor.redact(apdu),
    });
  };

  /** What comes from now on belongs to this step. */
  begin(step: string): void {
    this.#step = step;
  }

  /** Does something under a step of its own; then the one before goes on. */
  async during<T>(step: string, work: () => Promise<T>): Promise<T> {
    const before = this.#step;
    this.#step = step;
    try {
      return await work();
    } finally {
      this.#step = before;
    }
  }

  /** Resolves when all that came so far is kept, or cannot be. */
  async kept(): Promise<void> {
    await this.#parts.messages.kept();
  }
}

/** Reads a kept APDU for people. */
export function explainKept(apdu: Uint8Array): { readonly text: string; readonly isValid: boolean } {
  try {
    const decoded = decodeApdu(apdu);
    // All others were deciphered before they were kept.
    return { text: describeApdu(decoded), isValid: decoded.type !== "ciphered" };
  } catch (error) {
    if (!(error instanceof DlmsError)) throw error;
    return { text: `faulty, ${error.code}: ${error.message}`, isValid: false };
  }
}
