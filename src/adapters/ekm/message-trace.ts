import type { AdapterRun } from "../../domain/adapter.ts";
import type { DeviceMessages } from "../../domain/family-ports.ts";

/** Characters of a message that are kept: a thousand readings say no more than the first. */
const MOST_KEPT = 65_536;
const MARK = "***";

/** Texts without secrets, wherever these stand in them. */
export function withoutSecrets(text: string, secrets: readonly (string | undefined)[]): string {
  let left = text;
  for (const secret of secrets) if (secret) left = left.replaceAll(secret, MARK);
  return left;
}

/** Keeps what is said between us and the cloud of a device that is debugged, without secrets. */
export class MessageTrace {
  readonly #messages: DeviceMessages;
  readonly #run: AdapterRun;
  readonly #device: string;
  readonly #secrets: () => readonly (string | undefined)[];

  constructor(
    messages: DeviceMessages,
    run: AdapterRun,
    device: string,
    secrets: () => readonly (string | undefined)[],
  ) {
    this.#messages = messages;
    this.#run = run;
    this.#device = device;
    this.#secrets = secrets;
  }

  /** @param operation the command, or the path that was asked */
  keep(direction: "to-device" | "from-device", operation: string, text: string): void {
    const { caller, correlationUid } = this.#run;
    const body = Buffer.from(withoutSecrets(text, this.#secrets()).slice(0, MOST_KEPT));
    this.#messages.keep({ direction, service: "ekm", operation, device: this.#device, caller, correlationUid, body });
  }
}

/** Reads a kept message for people: it is JSON, or the target of a request. */
export function explainKept(message: Uint8Array): { readonly text: string; readonly isValid: boolean } {
  return { text: new TextDecoder().decode(message), isValid: true };
}
