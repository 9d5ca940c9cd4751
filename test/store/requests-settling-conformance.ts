import assert from "node:assert/strict";
import type { ActionOutcome } from "../../src/domain/request.ts";
import { logSize, newLogEntry, type OpenStore } from "./conformance.ts";
import { newRequest } from "./new-request.ts";
import { DONE, ERROR, REFUSED, retried, SUCCEEDED, withRequests } from "./requests-suite.ts";

/** How attempts at requests end in every store. */
export function describeSettling(name: string, open: OpenStore): void {
  describe(`requests over ${name}`, () => {
    const suite = withRequests(open);
    const { insert, claimAll, claim, fenceOf, settle, find } = suite;

    describe("settling", () => {
      it("stores outcome and end, and remembers the attempt", async () => {
        await insert(newRequest("a"));
        await claim(2000);
        assert.ok(await settle("a", SUCCEEDED, 3000));
        const request = await find("a");
        assert.deepEqual([request.state, request.finishedMs, request.outcomes], ["succeeded", 3000, [DONE]]);
        assert.deepEqual(await suite.store.requests.attempts(request.id), [
          { attempt: 1, worker: "w1", claimedMs: 2000, endedMs: 3000, ending: "succeeded", error: undefined },
        ]);
      });

      it("tells of a request without its outcomes, and gives these in pieces", async () => {
        const actions = Array.from({ length: 40 }, () => newRequest("").actions[0]!);
        await insert(newRequest("a", { operation: "Bundle", actions }));
        await claim(2000);
        const outcomes = actions.map((_, n): ActionOutcome => ({ ok: true, result: { n } }));
        assert.ok(await settle("a", { to: "succeeded", outcomes }, 3000));
        const summary = await suite.store.requests.summary("a");
        const { outcomes: all, ...expected } = await find("a");
        assert.deepEqual(summary, expected);
        assert.equal(await suite.store.requests.summary("b"), undefined);
        const seen: ActionOutcome[] = [];
        for (let more = true; more; ) {
          const some = await suite.store.requests.outcomes(expected.id, seen.length);
          for (const { position, outcome } of some) assert.equal(seen.push(outcome), position + 1);
          more = some.length > 0;
        }
        assert.deepEqual(seen, all);
      });

      it("writes the evidence of an end in its transaction, and none of an end that was refused", async () => {
        await insert(newRequest("a"));
        await claim(2000);
        const fence = await fenceOf("a");
        assert.ok(await suite.store.requests.settle(fence, SUCCEEDED, [newLogEntry("told")]));
        assert.equal(await suite.store.requests.settle(fence, SUCCEEDED, [newLogEntry("told again")]), false);
        assert.equal(await logSize(suite.store), 1);
      });

      it("keeps the error of every attempt", async () => {
        await insert(newRequest("a"));
        await claim(2000);
        await settle("a", retried(4000), 3000);
        await claim(4000, 1, "w2");
        await settle("a", { to: "failed", error: ERROR, attemptError: ERROR }, 5000);
        const request = await find("a");
        assert.deepEqual([request.state, request.error], ["failed", ERROR]);
        assert.deepEqual(await suite.store.requests.attempts(request.id), [
          { attempt: 1, worker: "w1", claimedMs: 2000, endedMs: 3000, ending: "retried", error: ERROR },
          { attempt: 2, worker: "w2", claimedMs: 4000, endedMs: 5000, ending: "failed", error: ERROR },
        ]);
      });

      it("puts a request back with its new due time and priority", async () => {
        await insert(newRequest("a"));
        await claim(2000);
        await settle("a", retried(33_000, { priority: 3, retries: 2 }));
        const { state, dueMs, scheduling, retries } = await find("a");
        assert.deepEqual([state, dueMs, scheduling.priority, retries], ["waiting", 33_000, 3, 2]);
        assert.deepEqual(await claim(32_999), []);
        assert.deepEqual(await claim(33_000), ["a"]);
      });

      it("drops the outcomes of actions that are to run again", async () => {
        const actions = Array.from({ length: 3 }, () => newRequest("").actions[0]!);
        await insert(newRequest("a", { operation: "Bundle", actions }));
        await claim();
        const fence = await fenceOf("a");
        const outcomes = [DONE, REFUSED].map((outcome, position) => ({ position, outcome }));
        assert.ok(await suite.store.requests.report(fence, outcomes));
        await settle("a", retried(3000, { forget: [1] }));
        assert.deepEqual((await find("a")).outcomes, [DONE, null, null]);
      });

      it("keeps what was noted about an action for later attempts, the latest of each, and of no other request", async () => {
        await insert(newRequest("a"), newRequest("b", { device: "E2" }));
        await claim();
        const [first, other] = [await fenceOf("a"), await fenceOf("b")];
        assert.equal(await suite.store.requests.noted(first.id, 0), undefined);
        for (const text of ["before", "\u20ac"]) assert.ok(await suite.store.requests.note(first, 0, { text }));
        assert.ok(await suite.store.requests.note(first, 1, { other: [1] }));
        await settle("a", retried(3000));
        assert.equal(await suite.store.requests.note(first, 0, { text: "too late" }), false);
        await claim(3000);
        const { id } = await fenceOf("a");
        assert.deepEqual(await suite.store.requests.noted(id, 0), { text: "\u20ac" });
        assert.deepEqual(await suite.store.requests.noted(id, 1), { other: [1] });
        assert.equal(await suite.store.requests.noted(other.id, 0), undefined);
        assert.deepEqual((await find("a")).outcomes, [null], "a note is no outcome");
      });

      it("refuses every write of a worker whose request was given to another attempt", async () => {
        await insert(newRequest("a"));
        await claim(2000, 1, "first");
        const first = await fenceOf("a");
        await settle("a", retried(3000));
        await claim(3000, 1, "second");
        const second = await fenceOf("a");

        assert.equal(await settle(first, SUCCEEDED), false);
        assert.equal(await settle(first, { to: "failed", error: ERROR }), false);
        assert.equal(await settle(first, retried(9000)), false);
        assert.equal(await suite.store.requests.report(first, [{ position: 0, outcome: REFUSED }]), false);
        const { state, attempt, outcomes } = await find("a");
        assert.deepEqual([state, attempt, outcomes], ["running", 2, [null]]);

        assert.equal(await settle(second, SUCCEEDED), true);
        assert.equal(await settle(second, SUCCEEDED), false);
      });

      it("ends a waiting request and lets the next one of its device into line", async () => {
        const hasty = { priority: 9, bypassRetry: false, maxScheduleTimeMs: 2500 };
        await insert(newRequest("running"), newRequest("hasty", { scheduling: hasty }), newRequest("patient"));
        const [running] = await claimAll(2000, 1);
        // hasty was first in line.
        assert.equal(running?.correlationUid, "hasty");
        await settle("hasty", retried(2000, { priority: 9 }));
        await settle("hasty", { to: "failed", error: ERROR });
        assert.equal((await find("hasty")).state, "failed");
        assert.deepEqual(await claim(), ["running"]);
      });
    });

    describe("leases", () => {
      it("are extended by request and attempt, always to a later end", async () => {
        await insert(newRequest("a", { device: "E1" }), newRequest("b", { device: "E2" }));
        const [a, b] = await claimAll(2000);
        assert.ok(a && b);
        assert.equal(await suite.store.requests.extendLease({ id: a.id, attempt: a.attempt }, 97_000), true);
        assert.equal(await suite.store.requests.extendLease({ id: b.id, attempt: b.attempt - 1 }, 97_000), false);
        assert.deepEqual([(await find("a")).leaseUntilMs, (await find("b")).leaseUntilMs], [99_000, 62_000]);
        assert.equal(await suite.store.requests.extendLease(a, 1), true);
        assert.equal((await find("a")).leaseUntilMs, 99_001);
      });

      it("are shown with who holds them", async () => {
        await insert(newRequest("a", { device: "E1" }), newRequest("b", { device: "E2" }));
        await claim(2000, 1, "w1");
        await claim(2000, 1, "w2");
        const shown = (await suite.store.requests.leases()).map(({ attempt, worker, leaseUntilMs }) => [
          ...[attempt, worker, leaseUntilMs],
        ]);
        assert.deepEqual(shown.sort(), [
          [1, "w1", 62_000],
          [1, "w2", 62_000],
        ]);
      });

      it("give the request that they are on, as long as their attempt runs it", async () => {
        await insert(newRequest("a"));
        const [a] = await claimAll(2000);
        assert.equal((await suite.store.requests.findRunning(a!))?.correlationUid, "a");
        assert.equal(await suite.store.requests.findRunning({ id: a!.id, attempt: 7 }), undefined);
        await settle("a", SUCCEEDED);
        assert.equal(await suite.store.requests.findRunning(a!), undefined);
        assert.deepEqual(await suite.store.requests.leases(), []);
      });

      it("end later and later also when the wall clock steps", async () => {
        await insert(newRequest("a"));
        const [a] = await claimAll(2000);
        suite.clock.step(-3_600_000);
        suite.clock.advance(1000);
        await suite.store.requests.extendLease(a!, 60_000);
        assert.equal((await find("a")).leaseUntilMs, 63_000);
      });
    });
  });
}
