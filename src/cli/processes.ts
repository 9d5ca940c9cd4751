import cluster, { type ClusterSettings, type Worker } from "node:cluster";
import { createInterface } from "node:readline";
import { sleep, systemClock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";

/** Pauses before a process that ended by itself is started again: the first, and the longest. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** A process that ended before it was ready; it said why on standard error. */
class ProcessEnded extends Error {
  readonly code = "PROCESS_ENDED";

  constructor(pid: number | undefined) {
    super(`process ${pid} ended before it was ready; what it wrote last says why`);
    this.name = "ProcessEnded";
  }
}

/** One of the processes, from its start to its end. */
interface Child {
  readonly worker: Worker;
  /** What it printed before it was ready: the base URL; rejects when it ends before. */
  readonly ready: Promise<string | undefined>;
  readonly ended: Promise<void>;
}

function start(): Child {
  const worker = cluster.fork();
  const ended = new Promise<void>((resolve) => worker.once("exit", () => resolve()));
  const ready = new Promise<string | undefined>((resolve, reject) => {
    let baseUrl: string | undefined;
    createInterface({ input: worker.process.stdout! }).on("line", (line) => {
      if (line === "ready") resolve(baseUrl);
      else baseUrl ??= line;
    });
    void ended.then(() => reject(new ProcessEnded(worker.process.pid)));
  });
  ready.catch(() => {});
  return { worker, ready, ended };
}

/**
 * Runs the same command in several processes, which share the ports that they listen on. One that ends by itself is
 * started again. SIGTERM and SIGINT are handed on; SIGHUP replaces the processes one by one, each when its successor is
 * ready, with what is installed now.
 * @param args of the command
 */
export async function runProcesses(
  count: number,
  args: readonly string[],
  { print, logger }: { print(text: string): void; logger: Pick<Logger, "info" | "error"> },
): Promise<void> {
  cluster.setupPrimary({ args: [...args], stdio: ["ignore", "pipe", "inherit", "ipc"] } as ClusterSettings);
  const stopping = new AbortController();
  const children = new Set<Child>();

  /** Keeps a child in its place: until it is told to end, or for ever with another one in it. */
  const add = (pauseMs = FIRST_PAUSE_MS): Child => {
    const child = start();
    children.add(child);
    const began = systemClock.elapsed();
    void child.ended.then(async () => {
      if (!children.delete(child) || stopping.signal.aborted) return;
      const isYoung = systemClock.elapsed() - began < LONGEST_PAUSE_MS;
      const nextMs = isYoung ? Math.min(LONGEST_PAUSE_MS, pauseMs * 2) : FIRST_PAUSE_MS;
      logger.error({ pid: child.worker.process.pid }, "a process ended by itself; another one is started");
      await sleep(systemClock, pauseMs, stopping.signal);
      if (!stopping.signal.aborted) add(nextMs);
    });
    return child;
  };

  const stop = () => {
    stopping.abort();
    for (const { worker } of children) worker.process.kill("SIGTERM");
  };
  const replace = async () => {
    for (const old of [...children]) {
      if (stopping.signal.aborted) return;
      const successor = add();
      try {
        await successor.ready;
      } catch (err) {
        // What runs goes on.
        logger.error({ err }, "a new process is not ready; the others stay as they are");
        children.delete(successor);
        successor.worker.process.kill("SIGKILL");
        return;
      }
      children.delete(old);
      old.worker.process.kill("SIGTERM");
      await old.ended;
    }
    logger.info({ processes: children.size }, "all processes were replaced");
  };
  process.on("SIGTERM", stop).on("SIGINT", stop);
  let replacing = Promise.resolve();
  process.on("SIGHUP", () => {
    replacing = replacing.then(replace);
  });

  const first = Array.from({ length: count }, () => add());
  try {
    const [baseUrl] = await Promise.all(first.map(({ ready }) => ready));
    if (baseUrl !== undefined) print(baseUrl);
    print("ready");
  } catch (error) {
    stop();
    await Promise.all([...children].map(({ ended }) => ended));
    throw error;
  }
  await new Promise<void>((resolve) => stopping.signal.addEventListener("abort", () => resolve()));
  await replacing;
  await Promise.all([...children].map(({ ended }) => ended));
}
