import type { Task } from "../domain/task.ts";
import { type Elapsed, plus, sleep } from "../lib/clock.ts";
import type { TaskDependencies } from "./start-tasks.ts";

interface Held {
  readonly token: number;
  /** Until when another node surely does not have it. */
  readonly until: Elapsed;
}

/** A task that this node does while it holds the lease of its name. Each time it is begun anew. */
export function onOneNode(task: Task, holder: string, { leases, clock, logger, leaseMs }: TaskDependencies): Task {
  /** How often a lease is renewed, or asked for. */
  const everyMs = leaseMs / 3;
  const stopping = new AbortController();
  let keeping = Promise.resolve();
  let held: Held | undefined;

  /** Gets the lease or renews it; a store that fails for a while leaves what is held as it is. */
  const hold = async (): Promise<Held | undefined> => {
    const until = plus(clock.elapsed(), leaseMs);
    try {
      const token = held
        ? (await leases.extend(task.name, held.token, leaseMs)) && held.token
        : await leases.acquire(task.name, holder, leaseMs);
      return token ? { token, until } : undefined;
    } catch (err) {
      logger.error({ err, task: task.name }, "the lease of a task cannot be renewed; trying again later");
      return held;
    }
  };

  const end = async () => {
    const token = held?.token;
    held = undefined;
    await task.stop();
    if (token !== undefined) await leases.release(task.name, token);
  };

  const look = async () => {
    const wasHeld = held !== undefined;
    const now = await hold();
    // Not in the last third: the store may take as long to say no the next time.
    const isSure = now !== undefined && plus(clock.elapsed(), everyMs) < now.until;
    if (wasHeld && !isSure) return await end();
    if (!isSure) return;
    held = now;
    if (!wasHeld) await task.start?.();
  };

  const keep = async () => {
    for (; !stopping.signal.aborted; await sleep(clock, everyMs, stopping.signal)) {
      try {
        await look();
      } catch (err) {
        logger.error({ err, task: task.name }, "a task could not be started or stopped; trying again later");
        await end().catch(() => {});
      }
    }
    await end();
  };

  return {
    name: task.name,
    start() {
      keeping = keep();
    },
    stop() {
      stopping.abort();
      return keeping;
    },
  };
}
