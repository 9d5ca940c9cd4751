import type { DeviceMessages } from "../../domain/family-ports.ts";

/** Members of bodies whose values are secrets, or lead to one, wherever they stand. */
const SECRETS: ReadonlySet<string> = new Set([
  ...["password", "targets", "mailpass", "key", "hash", "pwd"],
  ...["jwt", "nnc", "cnnc", "token"],
]);
const MARK = "***";

/** A body as it may be shown. */
function shown(body: unknown): string {
  if (body === undefined) return "";
  return ` ${JSON.stringify(body, (name, value) => (SECRETS.has(name) && value !== undefined ? MARK : value))}`;
}

/** Keeps what is said to a meter that is debugged, and what it says, without secrets. */
export class MeterTrace {
  readonly #keep: (direction: "to-device" | "from-device", text: string) => void;

  constructor(messages: DeviceMessages, about: Omit<Parameters<DeviceMessages["keep"]>[0], "direction" | "body">) {
    this.#keep = (direction, text) => messages.keep({ ...about, direction, body: Buffer.from(text) });
  }

  sent(method: string, path: string, body: unknown): void {
    this.#keep("to-device", `${method} ${path.replace(/^(\/sys\/status\/)[^/?]+/, `$1${MARK}`)}${shown(body)}`);
  }

  heard(status: number, body: unknown): void {
    this.#keep("from-device", `${status}${shown(body)}`);
  }
}
