import type { ReplaysStore } from "../../replays.ts";
import type { Connection, Synchronous } from "../connection.ts";

/** Keys that are forgotten whenever one is remembered: more than come. */
const FORGET_AT_A_TIME = 10;

export function replays(db: Connection): Synchronous<ReplaysStore> {
  return {
    remember(key, nowMs, untilMs) {
      db.run(
        "delete from replay where digest in (select digest from replay where until_ms < ? order by until_ms limit ?)",
        ...[nowMs, FORGET_AT_A_TIME],
      );
      return db.run("insert into replay (digest, until_ms) values (?, ?) on conflict do nothing", key, untilMs) > 0;
    },
  };
}
