import type { LogClass } from "../domain/log-leaf.ts";
import type { MessageLogStore } from "../store/message-log.ts";
import { ERASED, type Erasure, parseErasure } from "./erasure.ts";
import { ownEntries, ownEntry } from "./key-list.ts";
import type { ClassDays } from "./settings.ts";

/** Operation of the entry that says that a hold ended: what it covered may be erased now. */
export const HOLD_ENDED = "hold ended";

/** Entries that are looked at for one erasure. */
const AT_A_TIME = 5_000;
const DAY_MS = 86_400_000;

/** How far payloads of each class were erased already, by what the log says. */
async function erasedSoFar(log: MessageLogStore): Promise<Map<LogClass, number>> {
  const marks = new Map<LogClass, number>();
  for await (const { leaf, stored } of ownEntries(log)) {
    if (leaf.operation === HOLD_ENDED) marks.clear();
    if (leaf.operation !== ERASED || !stored) continue;
    const erasure = parseErasure(Buffer.from(stored).toString());
    marks.set(erasure.class, Math.max(marks.get(erasure.class) ?? 0, erasure.to));
  }
  return marks;
}

/**
 * Erases payloads that are older than their class is kept, but for what is held; leaves stay. An entry of the log says
 * which, in the same transaction: where a payload is missing without one, somebody else took it away.
 * @param goOn asked between portions
 * @returns how many payloads went
 */
export async function eraseOld(
  log: MessageLogStore,
  days: ClassDays,
  nowMs: number,
  goOn: () => boolean = () => true,
): Promise<number> {
  let erased = 0;
  const marks = days.size > 0 ? await erasedSoFar(log) : new Map<LogClass, number>();
  for (const [name, kept] of days) {
    const beforeMs = Math.floor(nowMs - kept * DAY_MS);
    for (let from = marks.get(name) ?? 0; goOn(); ) {
      const leaves = await log.leaves(from, AT_A_TIME);
      const young = leaves.find((leaf) => leaf.class === name && leaf.timeMs >= beforeMs);
      const to = young?.index ?? (leaves.at(-1)?.index ?? from - 1) + 1;
      if (leaves.some((leaf) => leaf.class === name && leaf.index < to)) {
        const erasure: Erasure = { class: name, from, to, beforeMs };
        erased += await log.erase(erasure, [ownEntry(ERASED, erasure, nowMs)]);
      }
      if (young || leaves.length < AT_A_TIME) break;
      from = to;
    }
  }
  return erased;
}
