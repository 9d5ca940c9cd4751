import type { NewLogEntry } from "../store/message-log.ts";
import type { LogEntry, MessageLog } from "./message-log.ts";

/** Most entries that are written in one transaction. */
const AT_A_TIME = 200;

/**
 * Messages of devices that are debugged, on their way into the log. Nobody waits for each of them: a conversation goes
 * on while they are written, in their order. Those that cannot be written are lost, and operators are told.
 */
export class DeviceMessages {
  readonly #log: MessageLog;
  readonly #onLost: (error: unknown, count: number) => void;
  #waiting: NewLogEntry[] = [];
  #writing: Promise<void> | undefined;

  constructor(log: MessageLog, onLost: (error: unknown, count: number) => void) {
    this.#log = log;
    this.#onLost = onLost;
  }

  /** Takes a message and the present time. */
  keep(entry: LogEntry): void {
    this.#waiting.push(this.#log.prepare(entry));
    this.#writing ??= this.#write();
  }

  /** Resolves when all that came so far is written, or lost. */
  async kept(): Promise<void> {
    await this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const entries = this.#waiting.splice(0, AT_A_TIME);
      try {
        await this.#log.write(entries);
      } catch (error) {
        this.#onLost(error, entries.length);
      }
    }
    this.#writing = undefined;
  }
}
