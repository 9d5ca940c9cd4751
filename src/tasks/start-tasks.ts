import type { Task } from "../domain/task.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Random } from "../lib/random.ts";
import type { LeasesStore } from "../store/leases.ts";
import { onOneNode } from "./on-one-node.ts";

export interface TaskDependencies {
  readonly leases: LeasesStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Pick<Logger, "error">;
  /** How long a task is a node's without a sign of life from it. */
  readonly leaseMs: number;
}

/**
 * Opens all tasks, then starts them, each in the order of the list.
 * @returns what stops them, last one first; one that cannot be stopped does not keep the others
 * @throws what a task failed with; those before it are stopped
 */
export async function startTasks(list: readonly Task[], dependencies: TaskDependencies): Promise<() => Promise<void>> {
  const holder = dependencies.random.uuid();
  const tasks = list.map((task) => (task.once ? onOneNode(task, holder, dependencies) : task));
  const begun: Task[] = [];
  const stop = async () => {
    for (let task = begun.pop(); task; task = begun.pop()) {
      try {
        await task.stop();
      } catch (err) {
        dependencies.logger.error({ err, task: task.name }, "a task could not be stopped");
      }
    }
  };
  try {
    for (const task of tasks) {
      begun.push(task);
      await task.open?.();
    }
    for (const task of tasks) await task.start?.();
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}
