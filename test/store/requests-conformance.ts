import assert from "node:assert/strict";
import type { ErrorRecord } from "../../src/domain/errors.ts";
import type { ActionOutcome } from "../../src/domain/request.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import type { AcceptResult, Fence, NewRequest, Settlement } from "../../src/store/requests.ts";
import type { Store } from "../../src/store/store.ts";
import { logSize, newLogEntry, type OpenStore } from "./conformance.ts";

const ERROR: ErrorRecord = { code: "CONNECTION_REFUSED", message: "Nobody is there." };
const DONE: ActionOutcome = { ok: true, result: { text: "€" } };
const REFUSED: ActionOutcome = { ok: false, error: { code: "DEVICE_REFUSED", message: "No." } };
const SUCCEEDED: Settlement = { to: "succeeded", outcomes: [DONE] };

function retried(dueMs: number, more: Partial<Extract<Settlement, { to: "waiting" }>> = {}): Settlement {
  return { to: "waiting", ending: "retried", dueMs, priority: 4, retries: 1, attemptError: ERROR, ...more };
}

export function newRequest(correlationUid: string, fields: Partial<NewRequest> = {}): NewRequest {
  const device = fields.device ?? "E1";
  return {
    correlationUid,
    caller: { organisation: "Utility", userName: "clerk", applicationName: "ERP" },
    operation: "SynchronizeTime",
    device,
    routeDevice: device,
    family: "dlms",
    writes: false,
    actions: [{ operation: "SynchronizeTime", request: { timeZone: "Europe/Amsterdam" } }],
    scheduling: { priority: 4, bypassRetry: false },
    acceptedMs: 1000,
    ...fields,
  };
}

/** What requests do in every store. */
export function describeRequests(name: string, open: OpenStore): void {
  describe(`requests over ${name}`, () => {
    let store: Store;
    let clock: ManualClock;

    beforeEach(async () => {
      clock = new ManualClock(1000);
      store = await open(clock);
    });

    afterEach(() => store.close());

    /** Lets the time be what it is to be; it only goes forward. */
    const at = (nowMs: number) => clock.advance(Math.max(0, nowMs - clock.now()));
    const insert = (...rows: NewRequest[]): Promise<AcceptResult[]> =>
      Promise.all(rows.map((request) => store.requests.accept({ request, entries: [] })));
    const look = (limit = 0) => store.requests.claim({ worker: "w1", leaseMs: 60_000, limit });
    const claimAll = async (nowMs = 2000, limit = 100, worker = "w1") => {
      at(nowMs);
      return (await store.requests.claim({ worker, leaseMs: 60_000, limit })).requests;
    };
    const claim = async (nowMs?: number, limit?: number, worker?: string) =>
      (await claimAll(nowMs, limit, worker)).map(({ correlationUid }) => correlationUid);
    const fenceOf = async (correlationUid: string): Promise<Fence> => {
      const request = await store.requests.find(correlationUid);
      assert.ok(request && (request.state === "waiting" || request.state === "running"));
      return { id: request.id, state: request.state, attempt: request.attempt };
    };
    const settle = async (which: string | Fence, settlement: Settlement, nowMs = 3000) => {
      const fence = typeof which === "string" ? await fenceOf(which) : which;
      at(nowMs);
      return store.requests.settle(fence, settlement);
    };
    const find = async (correlationUid: string) => {
      const request = await store.requests.find(correlationUid);
      assert.ok(request);
      return request;
    };

    describe("inserting", () => {
      it("gives back what was put in", async () => {
        const full = newRequest("a", {
          operation: "Bundle",
          device: "G1",
          routeDevice: "E1",
          actions: [
            { operation: "GetAllAttributeValues", request: {} },
            { operation: "SynchronizeTime", request: { timeZone: "UTC" } },
          ],
          outcomes: [null, REFUSED],
          scheduling: { priority: 9, bypassRetry: true, maxScheduleTimeMs: 9e15, responseUrl: "https://erp.example/ü" },
        });
        await insert(full);
        const { id, attempt, retries, leaseUntilMs, state, dueMs, finishedMs, error, ...rest } = await find("a");
        const { writes, ...asked } = full;
        assert.deepEqual([rest, writes], [asked, false]);
        assert.deepEqual([attempt, retries, leaseUntilMs, state, dueMs], [0, 0, 0, "waiting", 1000]);
        assert.deepEqual([finishedMs, error], [undefined, undefined]);
        assert.ok(id > 0);
      });

      it("takes any number of rows at once", async () => {
        const rows = Array.from({ length: 517 }, (_, i) => newRequest(`uid-${i}`, { device: `E${i}` }));
        await insert(...rows);
        assert.equal((await claim(2000, 1000)).length, 517);
      });

      it("refuses a correlation UID that is taken, alone and with all that came with it", async () => {
        await insert(newRequest("a"));
        const entry = newLogEntry("of the refused one");
        const taken = store.requests.accept({ request: newRequest("a", { device: "E7" }), entries: [entry] });
        const [refused, other] = await Promise.allSettled([taken, insert(newRequest("b"))]);
        assert.equal(refused.status === "rejected" && refused.reason.code, "SERVICE_BUSY");
        assert.equal(other.status, "fulfilled");
        assert.equal((await find("b")).state, "waiting");
        assert.equal((await find("a")).device, "E1");
        assert.equal(await logSize(store), 0);
      });

      it("refuses a priority outside 0 to 9", async () => {
        const scheduling = { priority: 10, bypassRetry: false };
        await assert.rejects(insert(newRequest("a", { scheduling })), { code: "SERVICE_BUSY" });
      });
    });

    describe("claiming", () => {
      it("leases a request to a worker and counts the attempt", async () => {
        await insert(newRequest("a"));
        const [request] = await claimAll(5000);
        assert.ok(request);
        assert.deepEqual([request.attempt, request.leaseUntilMs], [1, 65_000]);
        assert.equal((await find("a")).state, "running");
        assert.deepEqual(await claim(), []);
      });

      it("takes the highest priority first, then the oldest", async () => {
        const scheduling = (priority: number) => ({ priority, bypassRetry: false });
        await insert(
          newRequest("low", { device: "E1", scheduling: scheduling(0) }),
          newRequest("old", { device: "E2", scheduling: scheduling(4) }),
          newRequest("young", { device: "E3", scheduling: scheduling(4) }),
          newRequest("high", { device: "E4", scheduling: scheduling(9) }),
        );
        assert.deepEqual(await claim(2000, 3), ["high", "old", "young"]);
        assert.deepEqual(await claim(2000, 3), ["low"]);
      });

      it("runs one request per device at a time, in order of priority and age", async () => {
        await insert(
          newRequest("first"),
          newRequest("second"),
          newRequest("urgent", { scheduling: { priority: 5, bypassRetry: false } }),
        );
        for (const expected of ["urgent", "first", "second"]) {
          assert.deepEqual(await claim(), [expected]);
          assert.deepEqual(await claim(), []);
          await settle(expected, SUCCEEDED);
        }
        assert.deepEqual(await claim(), []);
      });

      it("goes on with the highest priority of those that were parked", async () => {
        const scheduling = { priority: 9, bypassRetry: false };
        await insert(newRequest("running"));
        await claim();
        await insert(newRequest("normal"), newRequest("urgent", { scheduling }));
        assert.deepEqual(await claim(), []);
        await settle("running", SUCCEEDED);
        assert.deepEqual(await claim(), ["urgent"]);
      });

      it("lets an urgent request that came later overtake one that was parked", async () => {
        await insert(newRequest("running"), newRequest("parked"));
        assert.deepEqual(await claim(), ["running"]);
        await insert(newRequest("urgent", { scheduling: { priority: 9, bypassRetry: false } }));
        await settle("running", SUCCEEDED);
        assert.deepEqual(await claim(), ["urgent"]);
      });

      it("counts the device that is connected to, not the one that is addressed", async () => {
        await insert(
          newRequest("gas", { device: "G1", routeDevice: "E1" }),
          newRequest("electricity", { device: "E1" }),
          newRequest("other", { device: "E2" }),
        );
        assert.deepEqual(await claim(), ["gas", "other"]);
      });

      describe("for several organisations", () => {
        const of = (organisation: string, uid: string, priority: number, device = uid) =>
          newRequest(uid, {
            device,
            caller: { organisation, userName: "clerk", applicationName: "ERP" },
            scheduling: { priority, bypassRetry: false },
          });
        const flood = (count: number, device?: string) =>
          Array.from({ length: count }, (_, i) => of("Loud", `loud-${i}`, 9, device));

        it("takes from each in turn, from each the highest priority first", async () => {
          await insert(...flood(600), of("Quiet", "low", 0), of("Quiet", "normal", 4), of("Third", "third", 1));
          assert.deepEqual(await claim(2000, 3), ["loud-0", "normal", "third"]);
          assert.deepEqual(await claim(2000, 3), ["loud-1", "low", "loud-2"]);
        });

        it("goes on with the one whose turn it is, one by one", async () => {
          await insert(...flood(600), ...["a", "b", "c"].map((uid) => of("Quiet", uid, 4)));
          const claimed: string[] = [];
          for (let i = 0; i < 6; i++) claimed.push(...(await claim(2000, 1)));
          assert.deepEqual(claimed, ["loud-0", "a", "loud-1", "b", "loud-2", "c"]);
        });

        it("does so also at one device", async () => {
          await insert(...flood(5, "E1"), of("Quiet", "a", 4, "E1"), of("Quiet", "b", 4, "E1"));
          const claimed: string[] = [];
          for (let i = 0; i < 5; i++) {
            const [uid] = await claim();
            assert.ok(uid);
            claimed.push(uid);
            await settle(uid, SUCCEEDED);
          }
          assert.deepEqual(claimed.slice(0, 4).sort(), ["a", "b", "loud-0", "loud-1"]);
        });

        it("keeps no turns for one that had nothing to do", async () => {
          await insert(...flood(600), of("Quiet", "a", 4));
          assert.equal((await claim(2000, 20)).length, 20);
          await insert(...["b", "c", "d"].map((uid) => of("Quiet", uid, 4)));
          assert.equal((await claim(2000, 4)).filter((uid) => uid.startsWith("loud")).length, 2);
        });

        it("counts what waits of one", async () => {
          const later = { priority: 4, bypassRetry: false, scheduleTimeMs: 9000 };
          await insert(...flood(3, "E1"), of("Quiet", "a", 4), newRequest("later", { scheduling: later }));
          await claim();
          const { requests } = store;
          assert.deepEqual(
            await Promise.all(["Loud", "Quiet", "Utility", "Nobody"].map((name) => requests.countWaiting(name, 9))),
            [2, 0, 1, 0],
          );
          assert.equal(await requests.countWaiting("Loud", 1), 1);
        });
      });

      it("takes no more of a family than it has places, and of others what there is", async () => {
        const requests = Array.from({ length: 9 }, (_, i) => newRequest(`dlms-${i}`, { device: `E${i}` }));
        await insert(...requests, newRequest("other", { device: "Z1", family: "zigbee" }));
        const order = { worker: "w1", leaseMs: 7000, limit: 12, perFamily: { dlms: 2, zigbee: 10 } };
        const uids = async (perFamily = order.perFamily) => {
          const { requests, more } = await store.requests.claim({ ...order, perFamily });
          return [...requests.map(({ correlationUid }) => correlationUid), more];
        };
        assert.deepEqual(await uids(), ["dlms-0", "other", "dlms-1", true]);
        assert.deepEqual(await uids({ dlms: 0, zigbee: 9 }), [false]);
        assert.deepEqual(await Promise.all(["dlms", "zigbee"].map((f) => store.requests.countReady(f, 99))), [7, 0]);
      });

      describe("what writes", () => {
        const writing = (uid: string, fields: Partial<NewRequest> = {}) => newRequest(uid, { writes: true, ...fields });

        it("waits for a request of its device that was begun and is to be tried again", async () => {
          await insert(writing("first"), writing("second"));
          assert.deepEqual(await claim(), ["first"]);
          await settle("first", retried(30_000));
          assert.deepEqual(await claim(2000), []);
          assert.deepEqual(await claim(30_000), ["first"]);
          await settle("first", SUCCEEDED);
          assert.deepEqual(await claim(30_000), ["second"]);
        });

        it("goes on when the one before it has failed, or its MaxScheduleTime has passed", async () => {
          await insert(writing("first"), writing("second"), writing("third"));
          await claim();
          await settle("first", { to: "failed", error: ERROR });
          assert.deepEqual(await claim(), ["second"]);
          await settle("second", retried(30_000));
          assert.deepEqual(await claim(), []);
          await settle("second", { to: "failed", error: ERROR });
          assert.deepEqual(await claim(), ["third"]);
        });

        it("keeps nobody from reading", async () => {
          await insert(writing("first"), writing("second"), newRequest("read"), newRequest("other read"));
          await claim();
          assert.deepEqual(await claim(), []);
          await settle("first", retried(30_000));
          assert.deepEqual(await claim(), ["read"]);
          await settle("read", SUCCEEDED);
          assert.deepEqual(await claim(), ["other read"]);
          await insert(newRequest("late read"));
          await settle("other read", SUCCEEDED);
          assert.deepEqual(await claim(), ["late read"]);
        });

        it("waits however urgent it is, and whichever device it is addressed to or connects to", async () => {
          const soon = { scheduling: { priority: 9, bypassRetry: false, scheduleTimeMs: 2500 } };
          await insert(
            writing("gas", { device: "G1", routeDevice: "E1" }),
            writing("meter", { device: "E1", ...soon }),
            writing("moved", { device: "G1", routeDevice: "E2", ...soon }),
          );
          assert.deepEqual(await claim(2000), ["gas"]);
          await settle("gas", retried(30_000));
          assert.deepEqual(await claim(2600), []);
          await insert(newRequest("read", { device: "E2" }));
          assert.deepEqual(await claim(2700), ["read"]);
          await settle("read", SUCCEEDED);
          assert.deepEqual(await claim(30_000), ["gas"]);
          await settle("gas", SUCCEEDED);
          assert.deepEqual((await claim(30_000)).sort(), ["meter", "moved"]);
        });

        it("goes by priority and then age before it has begun, and waits for no ScheduleTime to come", async () => {
          const later = { scheduling: { priority: 9, bypassRetry: false, scheduleTimeMs: 90_000 } };
          await insert(writing("scheduled", later), writing("old"));
          await insert(writing("urgent", { scheduling: { priority: 5, bypassRetry: false } }));
          for (const expected of ["urgent", "old"]) {
            assert.deepEqual(await claim(), [expected]);
            await settle(expected, SUCCEEDED);
          }
          assert.deepEqual(await claim(90_000), ["scheduled"]);
        });

        it("keeps its turn when its worker dies", async () => {
          await insert(writing("first"), writing("second"));
          await claim(2000, 1, "dead");
          await settle("first", { to: "waiting", ending: "retried", dueMs: 3000, priority: 0, retries: 1 });
          assert.deepEqual(await claim(3000), ["first"]);
        });
      });

      it("leaves requests alone until they are due", async () => {
        const scheduling = { priority: 4, bypassRetry: false, scheduleTimeMs: 5000 };
        await insert(newRequest("later", { scheduling }));
        assert.deepEqual(await claim(4999), []);
        assert.equal((await look()).untilNextEventMs, 1);
        assert.deepEqual(await claim(5000), ["later"]);
      });

      it("does not hold up a device for a request that is not due", async () => {
        const scheduling = { priority: 9, bypassRetry: false, scheduleTimeMs: 5000 };
        await insert(newRequest("later", { scheduling }), newRequest("now"));
        assert.deepEqual(await claim(2000), ["now"]);
      });

      it("finds the free devices behind a long line of a busy one", async () => {
        const line = Array.from({ length: 3000 }, (_, i) => newRequest(`busy-${i}`, { device: "E1" }));
        await insert(...line, newRequest("free", { device: "E2" }));
        const order = { worker: "w1", leaseMs: 7000, limit: 10 };
        const claimed: string[] = [];
        for (let more = true; more; ) {
          const result = await store.requests.claim(order);
          claimed.push(...result.requests.map(({ correlationUid }) => correlationUid));
          more = result.more;
        }
        assert.deepEqual(claimed, ["busy-0", "free"]);
      });

      it("gives all requests that fall due together, over as many claims as it takes", async () => {
        const scheduling = { priority: 4, bypassRetry: false, scheduleTimeMs: 5000 };
        await insert(
          ...Array.from({ length: 1200 }, (_, i) => newRequest(`uid-${i}`, { device: `E${i}`, scheduling })),
        );
        at(6000);
        const order = { worker: "w1", leaseMs: 3000, limit: 2000 };
        let claimed = 0;
        for (let more = true; more; ) {
          const result = await store.requests.claim(order);
          claimed += result.requests.length;
          more = result.more;
        }
        assert.equal(claimed, 1200);
      });

      it("hands out what earlier attempts finished", async () => {
        const actions = Array.from({ length: 2 }, () => newRequest("").actions[0]!);
        await insert(newRequest("a", { operation: "Bundle", actions }));
        await claim();
        const fence = await fenceOf("a");
        assert.ok(await store.requests.report(fence, [{ position: 1, outcome: DONE }]));
        await settle("a", retried(3000));
        const [request] = await claimAll();
        assert.deepEqual(request?.outcomes, [null, DONE]);
        assert.deepEqual([request.attempt, request.retries], [2, 1]);
      });
    });

    describe("settling", () => {
      it("stores outcome and end, and remembers the attempt", async () => {
        await insert(newRequest("a"));
        await claim(2000);
        assert.ok(await settle("a", SUCCEEDED, 3000));
        const request = await find("a");
        assert.deepEqual([request.state, request.finishedMs, request.outcomes], ["succeeded", 3000, [DONE]]);
        assert.deepEqual(await store.requests.attempts(request.id), [
          { attempt: 1, worker: "w1", claimedMs: 2000, endedMs: 3000, ending: "succeeded", error: undefined },
        ]);
      });

      it("tells of a request without its outcomes, and gives these in pieces", async () => {
        const actions = Array.from({ length: 40 }, () => newRequest("").actions[0]!);
        await insert(newRequest("a", { operation: "Bundle", actions }));
        await claim(2000);
        const outcomes = actions.map((_, n): ActionOutcome => ({ ok: true, result: { n } }));
        assert.ok(await settle("a", { to: "succeeded", outcomes }, 3000));
        const summary = await store.requests.summary("a");
        const { outcomes: all, ...expected } = await find("a");
        assert.deepEqual(summary, expected);
        assert.equal(await store.requests.summary("b"), undefined);
        const seen: ActionOutcome[] = [];
        for (let more = true; more; ) {
          const some = await store.requests.outcomes(expected.id, seen.length);
          for (const { position, outcome } of some) assert.equal(seen.push(outcome), position + 1);
          more = some.length > 0;
        }
        assert.deepEqual(seen, all);
      });

      it("writes the evidence of an end in its transaction, and none of an end that was refused", async () => {
        await insert(newRequest("a"));
        await claim(2000);
        const fence = await fenceOf("a");
        assert.ok(await store.requests.settle(fence, SUCCEEDED, [newLogEntry("told")]));
        assert.equal(await store.requests.settle(fence, SUCCEEDED, [newLogEntry("told again")]), false);
        assert.equal(await logSize(store), 1);
      });

      it("keeps the error of every attempt", async () => {
        await insert(newRequest("a"));
        await claim(2000);
        await settle("a", retried(4000), 3000);
        await claim(4000, 1, "w2");
        await settle("a", { to: "failed", error: ERROR, attemptError: ERROR }, 5000);
        const request = await find("a");
        assert.deepEqual([request.state, request.error], ["failed", ERROR]);
        assert.deepEqual(await store.requests.attempts(request.id), [
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
        assert.ok(await store.requests.report(fence, outcomes));
        await settle("a", retried(3000, { forget: [1] }));
        assert.deepEqual((await find("a")).outcomes, [DONE, null, null]);
      });

      it("keeps what was noted about an action for later attempts, the latest of each, and of no other request", async () => {
        await insert(newRequest("a"), newRequest("b", { device: "E2" }));
        await claim();
        const [first, other] = [await fenceOf("a"), await fenceOf("b")];
        assert.equal(await store.requests.noted(first.id, 0), undefined);
        for (const text of ["before", "\u20ac"]) assert.ok(await store.requests.note(first, 0, { text }));
        assert.ok(await store.requests.note(first, 1, { other: [1] }));
        await settle("a", retried(3000));
        assert.equal(await store.requests.note(first, 0, { text: "too late" }), false);
        await claim(3000);
        const { id } = await fenceOf("a");
        assert.deepEqual(await store.requests.noted(id, 0), { text: "\u20ac" });
        assert.deepEqual(await store.requests.noted(id, 1), { other: [1] });
        assert.equal(await store.requests.noted(other.id, 0), undefined);
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
        assert.equal(await store.requests.report(first, [{ position: 0, outcome: REFUSED }]), false);
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
        assert.equal(await store.requests.extendLease({ id: a.id, attempt: a.attempt }, 97_000), true);
        assert.equal(await store.requests.extendLease({ id: b.id, attempt: b.attempt - 1 }, 97_000), false);
        assert.deepEqual([(await find("a")).leaseUntilMs, (await find("b")).leaseUntilMs], [99_000, 62_000]);
        assert.equal(await store.requests.extendLease(a, 1), true);
        assert.equal((await find("a")).leaseUntilMs, 99_001);
      });

      it("are shown with who holds them", async () => {
        await insert(newRequest("a", { device: "E1" }), newRequest("b", { device: "E2" }));
        await claim(2000, 1, "w1");
        await claim(2000, 1, "w2");
        const shown = (await store.requests.leases()).map(({ attempt, worker, leaseUntilMs }) => [
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
        assert.equal((await store.requests.findRunning(a!))?.correlationUid, "a");
        assert.equal(await store.requests.findRunning({ id: a!.id, attempt: 7 }), undefined);
        await settle("a", SUCCEEDED);
        assert.equal(await store.requests.findRunning(a!), undefined);
        assert.deepEqual(await store.requests.leases(), []);
      });

      it("end later and later also when the wall clock steps", async () => {
        await insert(newRequest("a"));
        const [a] = await claimAll(2000);
        clock.step(-3_600_000);
        clock.advance(1000);
        await store.requests.extendLease(a!, 60_000);
        assert.equal((await find("a")).leaseUntilMs, 63_000);
      });
    });

    it("counts what is next to be claimed, up to a number", async () => {
      await insert(...["a", "b", "c"].map((uid) => newRequest(uid, { device: uid })));
      assert.deepEqual(await Promise.all([2, 9].map((most) => store.requests.countReady("dlms", most))), [2, 3]);
    });

    it("finds waiting requests whose MaxScheduleTime has passed, with their latest error", async () => {
      const scheduling = { priority: 4, bypassRetry: false, maxScheduleTimeMs: 5000 };
      await insert(newRequest("a", { scheduling }), newRequest("b", { device: "E2", scheduling }), newRequest("c"));
      await claim(2000, 1);
      await settle("a", retried(4000));
      at(5000);
      assert.deepEqual((await look()).overdue, []);
      assert.equal((await look()).untilNextEventMs, 1);
      at(5001);
      const { overdue, more, untilNextEventMs } = await look();
      assert.deepEqual(
        overdue.map(({ request, lastError }) => [request?.correlationUid, lastError]),
        [
          ["a", ERROR],
          ["b", undefined],
        ],
      );
      assert.deepEqual([more, untilNextEventMs], [true, 0]);
    });

    it("claims nothing that is overdue, and what stands behind it all the same", async () => {
      const scheduling = { priority: 9, bypassRetry: false, maxScheduleTimeMs: 5000 };
      await insert(newRequest("late", { scheduling }), newRequest("a"), newRequest("b", { device: "E2" }));
      at(5001);
      const { overdue, requests } = await look(2);
      assert.deepEqual(
        [overdue.map(({ request }) => request?.correlationUid), requests.map((each) => each.correlationUid)],
        [["late"], ["a", "b"]],
      );
      const ended = { to: "failed", error: ERROR } as const;
      for (const { fence } of overdue) assert.ok(await store.requests.settle(fence, ended));
      assert.deepEqual(await look(), {
        overdue: [],
        requests: [],
        unreadable: [],
        more: false,
        untilNextEventMs: undefined,
      });
    });

    describe("forgetting", () => {
      it("takes what ended before a time, and nothing else", async () => {
        await insert(...["old", "young", "waiting"].map((uid) => newRequest(uid)));
        await claim();
        await settle("old", SUCCEEDED, 10_000);
        await claim();
        await settle("young", SUCCEEDED, 20_000);
        const purged = await store.requests.purge(20_000, 100);
        assert.deepEqual(purged, { requests: 1, more: false });
        assert.equal(await store.requests.find("old"), undefined);
        assert.equal((await find("young")).state, "succeeded");
        assert.equal((await find("waiting")).state, "waiting");
        assert.deepEqual((await find("young")).outcomes, [DONE]);
      });

      it("tells when there is more than it took", async () => {
        await insert(...["a", "b", "c"].map((uid) => newRequest(uid, { device: uid })));
        for (const uid of await claim()) await settle(uid, SUCCEEDED);
        const purge = () => store.requests.purge(99_000, 2);
        assert.deepEqual(await purge(), { requests: 2, more: true });
        assert.deepEqual(await purge(), { requests: 1, more: false });
      });

      it("never deletes what is not finished", async () => {
        await insert(newRequest("a"));
        const { id } = await find("a");
        assert.equal(await store.requests.deleteFinished(id, []), false);
        await claim();
        assert.equal(await store.requests.deleteFinished(id, []), false);
        await settle("a", SUCCEEDED);
        assert.equal(await store.requests.deleteFinished(id, []), true);
      });

      it("deletes with evidence of it, or not at all", async () => {
        await insert(newRequest("a"));
        const { id } = await find("a");
        const evidence = [newLogEntry("delete it"), newLogEntry("done")];
        assert.equal(await store.requests.deleteFinished(id, evidence), false);
        assert.equal(await logSize(store), 0);
        await claim();
        await settle("a", SUCCEEDED);
        assert.equal(await store.requests.deleteFinished(id, evidence), true);
        assert.equal(await logSize(store), 2);
      });
    });

    describe("message ids", () => {
      const accept = (uid: string, bodySha256 = "00", fields: Partial<NewRequest> = {}) => {
        const request = newRequest(uid, fields);
        return store.requests.accept({ request, message: { id: "m", bodySha256 }, entries: [] });
      };

      it("tell a message that comes again from another one with the same id, per organisation", async () => {
        const caller = { organisation: "Other", userName: "clerk", applicationName: "ERP" };
        assert.deepEqual(
          [await accept("a"), await accept("b"), await accept("c", "11"), await accept("d", "00", { caller })],
          [{ kind: "accepted" }, { kind: "repeated", correlationUid: "a" }, { kind: "conflict" }, { kind: "accepted" }],
        );
        assert.equal(await store.requests.find("b"), undefined);
      });

      it("do so within one transaction", async () => {
        const kinds = (await Promise.all([accept("a"), accept("b")])).map(({ kind }) => kind);
        assert.deepEqual(kinds, ["accepted", "repeated"]);
      });

      it("live at least as long as their request, however late it is due", async () => {
        const scheduling = { priority: 4, bypassRetry: false, scheduleTimeMs: 10 * 86_400_000 };
        await accept("a", "00", { scheduling });
        await store.requests.purge(8 * 86_400_000, 100);
        assert.deepEqual(await accept("b"), { kind: "repeated", correlationUid: "a" });
        await claim(10 * 86_400_000);
        await settle("a", SUCCEEDED, 10 * 86_400_000);
        await store.requests.purge(10 * 86_400_000, 100);
        assert.deepEqual(await accept("b"), { kind: "repeated", correlationUid: "a" });
        await store.requests.purge(10 * 86_400_000 + 1, 100);
        assert.deepEqual(await accept("b"), { kind: "accepted" });
      });

      it("of a request that was deleted are kept until retention", async () => {
        await accept("a");
        await claim();
        await settle("a", SUCCEEDED);
        await store.requests.deleteFinished((await find("a")).id, []);
        await store.requests.purge(1000, 100);
        assert.deepEqual(await accept("b"), { kind: "repeated", correlationUid: "a" });
        await store.requests.purge(1001, 100);
        assert.deepEqual(await accept("b"), { kind: "accepted" });
      });
    });

    describe("for operators", () => {
      it("counts what waits and runs", async () => {
        const later = { priority: 4, bypassRetry: false, scheduleTimeMs: 90_000 };
        await insert(newRequest("running"), newRequest("parked"), newRequest("later", { scheduling: later }));
        await claim();
        await insert(newRequest("ready", { device: "E2", acceptedMs: 2500 }), newRequest("done", { device: "E3" }));
        assert.deepEqual(await store.requests.countUnfinished(), {
          later: 1,
          ready: 2,
          parked: 1,
          running: 1,
          oldestReadyDueMs: 1000,
        });
        await claim(2000);
        await settle("done", SUCCEEDED);
        const { ready, running } = await store.requests.countUnfinished();
        assert.deepEqual([ready, running], [0, 2]);
      });

      it("lists what is not finished, oldest first, with its latest error", async () => {
        await insert(newRequest("young", { acceptedMs: 1500 }), newRequest("old", { device: "E2" }));
        await insert(newRequest("done", { device: "E3" }));
        await claim(2000);
        await settle("done", SUCCEEDED);
        await settle("old", retried(4000));
        const [old, young, ...more] = await store.requests.listUnfinished(10);
        assert.deepEqual([old?.correlationUid, young?.correlationUid, more.length], ["old", "young", 0]);
        assert.deepEqual([old?.place, old?.lastError, old?.dueMs], ["later", ERROR, 4000]);
        assert.deepEqual(
          [young?.place, young?.lastError, young?.worker, young?.claimedMs],
          ["running", undefined, "w1", 2000],
        );
        assert.equal((await store.requests.listUnfinished(1)).length, 1);
      });

      it("lists what failed, latest first, with why", async () => {
        await insert(newRequest("whole"), newRequest("one", { device: "E2" }), newRequest("done", { device: "E3" }));
        await claim(2000);
        await settle("whole", { to: "failed", error: ERROR, attemptError: ERROR }, 3000);
        const { error } = REFUSED as { error: ErrorRecord };
        await settle("one", { to: "failed", outcomes: [REFUSED], attemptError: error }, 4000);
        await settle("done", SUCCEEDED);
        const failed = await store.requests.listFailed(10);
        assert.deepEqual(
          failed.map(({ correlationUid, finishedMs, error: why }) => [correlationUid, finishedMs, why]),
          [
            ["one", 4000, error],
            ["whole", 3000, ERROR],
          ],
        );
        assert.equal((await store.requests.listFailed(1)).length, 1);
      });
    });
  });
}
