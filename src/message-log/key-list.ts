import type { Random } from "../lib/random.ts";
import type { LoggedEntry, MessageLogStore, NewLogEntry } from "../store/message-log.ts";
import { prepareEntry } from "./message-log.ts";

/** Service of the entries that the log makes about itself. */
export const LOG_SERVICE = "log";
/** Operations of the entries that make up the list of the log's keys. */
export const KEY_ADDED = "key added";
export const KEY_RETIRED = "key retired";

/** An entry about the log itself. @param details stored as JSON */
export function ownEntry(
  operation: string,
  details: Readonly<Record<string, unknown>>,
  nowMs: number,
  { random, user }: { random?: Random; user?: string | undefined } = {},
): NewLogEntry {
  const caller = user === undefined ? undefined : { organisation: "", userName: user, applicationName: "" };
  const body = Buffer.from(JSON.stringify(details));
  return prepareEntry({ class: "log", direction: "in", service: LOG_SERVICE, operation, caller, body }, nowMs, random);
}

export function announceKey(operation: string, key: string, nowMs: number, random: Random): NewLogEntry {
  return ownEntry(operation, { key }, nowMs, { random });
}

/** The key that an entry is about; undefined when it is about none. */
export function keyInEntry({ leaf, stored }: Pick<LoggedEntry, "leaf" | "stored">): string | undefined {
  if (leaf.class !== "log" || (leaf.operation !== KEY_ADDED && leaf.operation !== KEY_RETIRED)) return undefined;
  try {
    const { key } = JSON.parse(Buffer.from(stored ?? []).toString()) as { key?: unknown };
    return typeof key === "string" ? key : undefined;
  } catch {
    return undefined;
  }
}

const AT_A_TIME = 500;

/** Every entry that the log made about itself, in order. */
export async function* ownEntries(log: Pick<MessageLogStore, "find">, from = 0): AsyncGenerator<LoggedEntry> {
  for (let next = from; ; ) {
    const entries = await log.find({ class: "log" }, next, AT_A_TIME);
    yield* entries;
    if (entries.length < AT_A_TIME) return;
    next = entries.at(-1)!.leaf.index + 1;
  }
}

/** The keys that a log lists, as verifier keys, and what became of them last. */
export class KeyList {
  readonly #keys = new Map<string, "added" | "retired">();
  #next = 0;

  /** Reads on from where it was. */
  async read(log: Pick<MessageLogStore, "find">): Promise<ReadonlyMap<string, "added" | "retired">> {
    for await (const entry of ownEntries(log, this.#next)) {
      this.#next = entry.leaf.index + 1;
      const key = keyInEntry(entry);
      if (key !== undefined) this.#keys.set(key, entry.leaf.operation === KEY_ADDED ? "added" : "retired");
    }
    return this.#keys;
  }
}
