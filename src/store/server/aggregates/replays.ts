import type { ReplaysStore } from "../../replays.ts";
import { AT_MOST, type Session } from "../session.ts";

/** Keys that are forgotten whenever one is remembered: more than come. */
const FORGET_AT_A_TIME = 10;

export function replays(db: Session): ReplaysStore {
  return {
    async remember(digest, nowMs, untilMs) {
      await db.run(
        `delete from replay where digest in
           (select digest from replay where until_ms < ? order by until_ms ${AT_MOST})`,
        ...[nowMs, FORGET_AT_A_TIME],
      );
      return db.insertIfNew("replay", { digest }, { until_ms: untilMs });
    },
  };
}
