import { familyNamed } from "../families.ts";
import { sleep, systemClock } from "../lib/clock.ts";
import type { LoggedEntry } from "../store/message-log.ts";
import type { Store } from "../store/store.ts";
import type { CommandContext } from "./context.ts";
import { lookInto } from "./data.ts";
import { untilStopped } from "./signals.ts";

/** Messages from before, and most that are read at once. */
const RECENT = 20;
const AT_A_TIME = 200;
/** How soon a message is shown that another process logged. */
const LOOK_EVERY_MS = 500;

const ARROWS = { in: "caller >", out: "caller <", "to-device": "device >", "from-device": "device <" } as const;

export interface FollowOptions {
  readonly device?: string | undefined;
  readonly organisation?: string | undefined;
}

/**
 * `log follow`: prints what is logged from now on, one line for each message, until it is stopped. With a device, its
 * messages alone, the latest that there are before them; those of a device that is debugged in words. With an organisation,
 * only what is said by or to it.
 */
export async function logFollow(
  context: CommandContext,
  { device, organisation }: FollowOptions,
  stopped: Promise<void> = untilStopped(),
): Promise<void> {
  let isStopped = false;
  const stop = stopped.then(() => {
    isStopped = true;
  });
  await lookInto(context.config(), async (store) => {
    let next = await store.messageLog.size();
    const page = { offset: 0, limit: RECENT, organisation };
    const recent = device === undefined ? [] : await store.messageLog.ofDevice(device, page);
    const isAsked = ({ leaf }: LoggedEntry) =>
      (device === undefined || leaf.device === device) &&
      (organisation === undefined || leaf.organisation === organisation);
    for (const entry of recent.reverse().filter(({ leaf }) => leaf.index < next)) {
      context.print(await lineOf(store, entry));
    }
    while (!isStopped) {
      const entries = await store.messageLog.read(next, AT_A_TIME);
      next += entries.length;
      for (const entry of entries.filter(isAsked)) context.print(await lineOf(store, entry));
      if (entries.length < AT_A_TIME) await Promise.race([stop, sleep(systemClock, LOOK_EVERY_MS)]);
    }
  });
}

async function lineOf(store: Store, { leaf, stored }: LoggedEntry): Promise<string> {
  const { timeMs, direction, device, service, operation, correlationUid } = leaf;
  const head = [new Date(timeMs).toISOString(), ARROWS[direction], device, operation, correlationUid];
  const known = direction.endsWith("-device") ? await store.devices.find(device) : undefined;
  const isReadable = stored && known?.device.family === service;
  const text = isReadable ? familyNamed(service).explain(stored).text : service;
  return [...head.filter((part) => part !== ""), text].join("  ");
}
