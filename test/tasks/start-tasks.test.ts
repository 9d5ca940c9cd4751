import assert from "node:assert/strict";
import type { Task } from "../../src/domain/task.ts";
import { ManualClock, nextTurn } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import type { LeasesStore } from "../../src/store/leases.ts";
import { startTasks } from "../../src/tasks/start-tasks.ts";
import { InMemoryLeases } from "../store/in-memory-leases.ts";

const MINUTE_MS = 60_000;

describe("the tasks of a service", () => {
  let clock: ManualClock;
  let leases: LeasesStore;
  let happened: string[];
  let errors: string[];

  beforeEach(() => {
    clock = new ManualClock(0);
    leases = new InMemoryLeases(clock);
    happened = [];
    errors = [];
  });

  /** A task that writes down what happens to it. */
  const task = (name: string, other: Partial<Task> = {}): Task => ({
    name,
    open: async () => void happened.push(`open ${name}`),
    start: () => void happened.push(`start ${name}`),
    stop: async () => void happened.push(`stop ${name}`),
    ...other,
  });

  const begin = (tasks: readonly Task[], over: LeasesStore = leases) => {
    const logger = { error: (_: unknown, text: string) => void errors.push(text) };
    return startTasks(tasks, { leases: over, clock, random: systemRandom, logger, leaseMs: MINUTE_MS });
  };

  /** Lets what is pending come to rest, and time pass in steps that let everybody act. */
  const pass = async (ms: number) => {
    for (let rest = ms; ; rest -= 5_000) {
      for (let turn = 0; turn < 5; turn++) await nextTurn();
      if (rest <= 0) return;
      clock.advance(Math.min(rest, 5_000));
    }
  };

  const fail = async () => {
    throw new RangeError("broken");
  };

  it("all open before the first starts, and stop in reverse", async () => {
    const stop = await begin([task("a"), task("b")]);
    assert.deepEqual(happened, ["open a", "open b", "start a", "start b"]);
    happened.length = 0;
    await stop();
    await stop();
    assert.deepEqual(happened, ["stop b", "stop a"]);
  });

  it("do not start when one cannot open, and what was opened is closed", async () => {
    await assert.rejects(begin([task("a"), task("b", { open: fail }), task("c")]), RangeError);
    assert.deepEqual(happened, ["open a", "stop b", "stop a"]);
  });

  it("are stopped when one cannot start", async () => {
    await assert.rejects(begin([task("a"), task("b", { start: fail })]), RangeError);
    assert.deepEqual(happened, ["open a", "open b", "start a", "stop b", "stop a"]);
  });

  it("stop also when one of them cannot", async () => {
    const stop = await begin([task("a"), task("b", { stop: fail })]);
    await stop();
    assert.equal(happened.at(-1), "stop a");
    assert.deepEqual(errors, ["a task could not be stopped"]);
  });

  describe("that run once", () => {
    const sweeper = (node: string, other: Partial<Task> = {}): Task => ({
      ...task("sweeper", { once: true, start: () => void happened.push(`start ${node}`) }),
      open: async () => {},
      stop: async () => void happened.push(`stop ${node}`),
      ...other,
    });
    const starts = () => happened.filter((event) => event.startsWith("start"));

    it("run on one node for as long as it lives", async () => {
      const stops = [await begin([sweeper("a")]), await begin([sweeper("b")])];
      await pass(10 * MINUTE_MS);
      assert.deepEqual(happened, ["start a"]);
      for (const stop of stops) await stop();
      assert.equal(happened[1], "stop a");
    });

    it("go to another node when theirs is stopped", async () => {
      const stop = await begin([sweeper("a")]);
      const stopOther = await begin([sweeper("b")]);
      await pass(0);
      await stop();
      assert.deepEqual(happened, ["start a", "stop a"]);
      await pass(MINUTE_MS);
      assert.deepEqual(happened, ["start a", "stop a", "start b"]);
      await stopOther();
    });

    it("are stopped before another node begins when the lease cannot be renewed", async () => {
      let isCut = false;
      const cut = (method: "acquire" | "extend") =>
        ((name: string, who: never, durationMs: number) => {
          return isCut ? Promise.reject(new RangeError("no store")) : leases[method](name, who, durationMs);
        }) as never;
      const unsteady = { ...leases, acquire: cut("acquire"), extend: cut("extend"), release: async () => {} };
      const stop = await begin([sweeper("a")], unsteady);
      await pass(MINUTE_MS);
      const stopOther = await begin([sweeper("b")]);
      isCut = true;
      await pass(2 * MINUTE_MS);
      assert.deepEqual(happened.slice(0, 3), ["start a", "stop a", "start b"]);
      assert.ok(errors.length > 0);
      await stop();
      await stopOther();
      assert.deepEqual(starts(), ["start a", "start b"]);
    });

    it("are tried again when they fail to start, on whatever node", async () => {
      let tries = 0;
      const start = () => {
        tries += 1;
        if (tries === 1) throw new RangeError("not yet");
      };
      const stop = await begin([sweeper("a", { start })]);
      await pass(MINUTE_MS);
      assert.equal(tries, 2);
      assert.deepEqual(errors, ["a task could not be started or stopped; trying again later"]);
      await stop();
    });
  });
});
