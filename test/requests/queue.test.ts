import assert from "node:assert/strict";
import type { ErrorRecord } from "../../src/domain/errors.ts";
import type { ActionOutcome } from "../../src/domain/request.ts";
import { type Environment, input, NOW_MS, openEnvironment, READ_ALL, SYNCHRONIZE } from "./environment.ts";

const DONE: ActionOutcome = { ok: true, result: {} };
const REFUSED: ActionOutcome = {
  ok: false,
  error: { code: "DEVICE_REFUSED", message: "Not now.", retry: true },
};
const UNREACHABLE: ErrorRecord = { code: "CONNECTION_TIMED_OUT", message: "No answer." };
const LEASE_MS = 60_000;

describe("the queue", () => {
  let environment: Environment;

  beforeEach(async () => {
    environment = await openEnvironment();
  });

  afterEach(() => environment.close());

  const accept = async (fields: Parameters<typeof input>[0] = {}) =>
    (await environment.acceptance.accept(input(fields))).correlationUid;
  const find = async (correlationUid: string) => (await environment.store.requests.find(correlationUid))!;
  const look = () => environment.queue.claim("w", 0, LEASE_MS);
  const claimOne = async (worker = "w") => {
    const { requests } = await environment.queue.claim(worker, 1, LEASE_MS);
    assert.equal(requests.length, 1);
    return requests[0]!;
  };

  it("tells what became of a request that ended", async () => {
    const uid = await accept({ scheduling: { priority: 4, bypassRetry: false, responseUrl: "https://erp.example/" } });
    const request = await claimOne();
    assert.ok(await environment.queue.report(request, [{ position: 0, outcome: DONE }]));
    environment.clock.advance(10);
    assert.deepEqual(await environment.queue.settle(request, [DONE], { kind: "ran" }), {
      kind: "finished",
      error: undefined,
      request: {
        correlationUid: uid,
        caller: request.caller,
        operation: "SynchronizeTime",
        device: "E1",
        responseUrl: "https://erp.example/",
        state: "succeeded",
        outcome: { actions: [DONE] },
        finishedMs: NOW_MS + 10,
      },
    });
  });

  it("runs on a retry only what is missing or failed for now", async () => {
    const uid = await accept({ operation: "Bundle", actions: [SYNCHRONIZE, READ_ALL, SYNCHRONIZE] });
    const request = await claimOne();
    await environment.queue.report(request, [{ position: 0, outcome: DONE }]);
    await environment.queue.report(request, [{ position: 1, outcome: REFUSED }]);
    const settled = await environment.queue.settle(request, [DONE, REFUSED, null], {
      kind: "error",
      error: UNREACHABLE,
    });
    assert.deepEqual(settled, { kind: "put-back", ending: "retried", dueMs: NOW_MS + 30_000, error: UNREACHABLE });
    assert.deepEqual((await environment.queue.claim("w", 1, LEASE_MS)).requests, []);
    environment.clock.advance(30_000);
    assert.deepEqual((await claimOne()).outcomes, [DONE, null, null]);
    assert.equal((await find(uid)).retries, 1);
  });

  it("ends the bundle with what was done before the device fell silent for good", async () => {
    const uid = await accept({ operation: "Bundle", actions: [SYNCHRONIZE, READ_ALL] });
    for (const delayMs of [30_000, 60_000, 0]) {
      const request = await claimOne();
      if (request.attempt === 1) await environment.queue.report(request, [{ position: 0, outcome: DONE }]);
      await environment.queue.settle(request, [DONE, null], { kind: "error", error: UNREACHABLE });
      environment.clock.advance(delayMs);
    }
    const { state, outcomes, id } = await find(uid);
    assert.deepEqual([state, outcomes], ["failed", [DONE, { ok: false, error: UNREACHABLE }]]);
    const attempts = await environment.store.requests.attempts(id);
    assert.deepEqual(
      attempts.map(({ ending, error }) => [ending, error]),
      [
        ["retried", UNREACHABLE],
        ["retried", UNREACHABLE],
        ["failed", UNREACHABLE],
      ],
    );
  });

  it("takes a request from a worker that is gone, and nothing from it afterwards", async () => {
    const uid = await accept();
    const first = await claimOne("first");
    const [lease] = await environment.queue.leases();
    assert.deepEqual(lease, { id: first.id, attempt: 1, worker: "first", leaseUntilMs: NOW_MS + LEASE_MS });
    const rescued = await environment.queue.rescue(lease!);
    assert.equal(rescued?.settled.kind, "put-back");
    const second = await claimOne("second");

    assert.equal(await environment.queue.rescue(lease!), undefined);
    assert.equal(await environment.queue.extendLease(first, LEASE_MS), false);
    assert.equal(await environment.queue.report(first, [{ position: 0, outcome: REFUSED }]), false);
    assert.deepEqual(await environment.queue.settle(first, [REFUSED], { kind: "ran" }), { kind: "lost" });
    assert.equal((await environment.queue.settle(second, [DONE], { kind: "ran" })).kind, "finished");
    assert.deepEqual((await find(uid)).outcomes, [DONE]);
  });

  it("stores with the end of a run what was not reported before, and keeps it for the retry", async () => {
    const uid = await accept({ operation: "Bundle", actions: [SYNCHRONIZE, READ_ALL, SYNCHRONIZE] });
    const request = await claimOne();
    const outcomes = [REFUSED, null, DONE];
    await environment.queue.settle(request, outcomes, { kind: "error", error: UNREACHABLE }, new Set([0, 2]));
    const kept = (await find(uid)).outcomes;
    assert.deepEqual(kept.slice(1), [null, DONE]);
  });

  it("ends requests whose MaxScheduleTime passes while they wait", async () => {
    const scheduling = { priority: 4, bypassRetry: false, maxScheduleTimeMs: NOW_MS + 100 };
    const waiting = await accept({ scheduling, actions: [SYNCHRONIZE, READ_ALL], operation: "Bundle" });
    const retried = await accept({ device: "E2", scheduling: { ...scheduling, maxScheduleTimeMs: NOW_MS + 30_000 } });
    const running = (await environment.queue.claim("w", 2, LEASE_MS)).requests.find(({ device }) => device === "E2")!;
    await environment.queue.settle(running, [null], { kind: "error", error: UNREACHABLE });
    environment.store.sql.run(
      `update request set state = 'waiting', lane = 'ready', worker = null, claimed_ms = null, lease_until_ms = null
       where correlation_uid = ?`,
      waiting,
    );
    assert.equal((await look()).nextEventMs, NOW_MS + 101);
    environment.clock.advance(30_001);
    const settled = await environment.queue.settleOverdue((await look()).overdue);
    assert.deepEqual(
      settled.map((each) => each.settled.kind === "finished" && each.settled.request.outcome),
      [
        {
          error: {
            code: "MAX_SCHEDULE_TIME_EXCEEDED",
            message: "The request could not run before its MaxScheduleTime.",
          },
        },
        { error: UNREACHABLE },
      ],
    );
    assert.equal((await find(retried)).state, "failed");
  });

  it("knows when something falls due next, and when nothing will", async () => {
    assert.equal((await look()).nextEventMs, undefined);
    const scheduling = { priority: 4, bypassRetry: false, scheduleTimeMs: NOW_MS + 500 };
    await accept({ scheduling });
    assert.equal((await look()).nextEventMs, NOW_MS + 500);
  });
});
