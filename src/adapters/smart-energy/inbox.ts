import { eventNamed } from "../../smart-energy/commands.ts";
import type { CloudDeviceId } from "../../smart-energy/device-id.ts";
import { childText, type RpcElement } from "../../smart-energy/element.ts";

/** What is being waited for: which gateway, and under which name we asked. */
interface Awaited {
  readonly deviceId: CloudDeviceId;
  readonly identifier: string;
}

export interface InboxParts {
  /** Keeps what a gateway told unasked; resolves when that is durable. */
  tellEvent(deviceId: CloudDeviceId, event: RpcElement, source: string): Promise<void>;
  /** Something that nobody waits for any more, or never did. */
  onStray(deviceId: CloudDeviceId, name: string): void;
}

const keyOf = ({ deviceId, identifier }: Awaited) => `${deviceId} ${identifier}`;

/**
 * Sorts what gateways say, whichever way it came: by reply, job, buffer or push, late, twice or in the company of others.
 * Answers go to whoever waits for them, once; events are kept; what is left is counted for nothing.
 */
export class Inbox {
  readonly #parts: InboxParts;
  readonly #waiting = new Map<string, (answer: RpcElement) => void>();

  constructor(parts: InboxParts) {
    this.#parts = parts;
  }

  /** Begins to wait; `answer` is called at most once, until the returned function is called. */
  expect(awaited: Awaited, answer: (element: RpcElement) => void): () => void {
    const key = keyOf(awaited);
    this.#waiting.set(key, answer);
    return () => {
      if (this.#waiting.get(key) === answer) this.#waiting.delete(key);
    };
  }

  /**
   * Takes in what a gateway said. Resolves when all events among it are durable, so that whoever has it may forget it.
   * @param source where it came from, for the evidence
   */
  async deliver(deviceId: CloudDeviceId, elements: readonly RpcElement[], source: string): Promise<void> {
    for (const element of elements) {
      if (eventNamed(element.name)) {
        await this.#parts.tellEvent(deviceId, element, source);
        continue;
      }
      const identifier = childText(element, "request_identifier") ?? "";
      const key = keyOf({ deviceId, identifier });
      const answer = this.#waiting.get(key);
      if (!answer || isNotice(element)) {
        this.#parts.onStray(deviceId, element.name);
        continue;
      }
      this.#waiting.delete(key);
      answer(element);
    }
  }
}

/** Severity from which a message stands in place of an answer. */
const ERROR_SEVERITY = 2;

/** A message that only tells how things go on, such as that the answer will take longer. */
export function isNotice(element: RpcElement): boolean {
  if (element.name !== "message") return false;
  return Number(childText(element, "severity") ?? ERROR_SEVERITY) < ERROR_SEVERITY;
}
