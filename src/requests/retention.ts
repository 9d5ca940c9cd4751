import { type Clock, since, wallAheadMs } from "../lib/clock.ts";
import { repeat } from "../lib/repeat.ts";
import type { Store } from "../store/store.ts";

type Purged = Pick<Store, "requests" | "pushes" | "notifications" | "systemEvents" | "reports">;

export interface RetentionSettings {
  /** How long requests that ended, message ids, pushes, reports and system events are kept. */
  readonly retentionMs: number;
  /** How often to look; a minute when absent. */
  readonly everyMs?: number | undefined;
  /** What else goes by age, told the time when that can be believed. */
  readonly also?: ((nowMs: number) => Promise<unknown>) | undefined;
}

/** What the wall clock may differ from the monotonic one between two looks: it is being set right all the time. */
const JUMP_MS = 10_000;
/** How long the wall clock must have gone without a jump before anything is deleted by it. */
const TRUSTED_AFTER_MS = 3_600_000;

/** Rows that go in one transaction: others can write in between. */
const AT_A_TIME = 500;

/**
 * Forgets what is older than the retention. The message log and the record of who read which key are evidence, and stay.
 * @returns how many requests and pushes went
 */
export async function purgeOld(
  store: Purged,
  nowMs: number,
  retentionMs: number,
): Promise<{ requests: number; pushes: number }> {
  const beforeMs = nowMs - retentionMs;
  const purged = { requests: 0, pushes: 0 };
  for (let more = true; more; ) {
    const ended = await store.requests.purge(beforeMs, AT_A_TIME);
    const received = await store.pushes.purge(beforeMs, AT_A_TIME);
    const dead = await store.notifications.purge(beforeMs, AT_A_TIME);
    const noticed = await store.systemEvents.purge(beforeMs, AT_A_TIME);
    const reported = await store.reports.purge(beforeMs, AT_A_TIME);
    purged.requests += ended.requests;
    purged.pushes += received;
    more = ended.more || [received, dead, noticed, reported].includes(AT_A_TIME);
  }
  return purged;
}

/**
 * Purges now and then until the returned function is called, which resolves when a purge that is under way has ended.
 * What is deleted is gone, so the wall clock is believed only after it has gone for an hour without a jump: one that was
 * set wrong for a while, before or after the start, deletes nothing.
 * @param onError told when a purge failed; the next one tries again
 */
export function startRetention(
  store: Purged,
  clock: Clock,
  { retentionMs, everyMs = 60_000, also }: RetentionSettings,
  onError: (error: unknown) => void,
): () => Promise<void> {
  let steadySince = clock.elapsed();
  let aheadMs = wallAheadMs(clock);
  const isSteady = () => {
    const before = aheadMs;
    aheadMs = wallAheadMs(clock);
    if (Math.abs(aheadMs - before) > JUMP_MS) steadySince = clock.elapsed();
    return since(clock, steadySince) >= TRUSTED_AFTER_MS;
  };
  const purge = async () => {
    if (!isSteady()) return;
    await purgeOld(store, clock.now(), retentionMs);
    await also?.(clock.now());
  };
  return repeat(clock, everyMs, purge, onError);
}
