import assert from "node:assert/strict";
import type { ErrorRecord } from "../../src/domain/errors.ts";
import type { NewRequest } from "../../src/store/requests.ts";
import { logSize, newLogEntry, type OpenStore } from "./conformance.ts";
import { newRequest } from "./new-request.ts";
import { DONE, ERROR, REFUSED, retried, SUCCEEDED, withRequests } from "./requests-suite.ts";

/** What requests do in every store besides being claimed and settled. */
export function describeRequests(name: string, open: OpenStore): void {
  describe(`requests over ${name}`, () => {
    const suite = withRequests(open);
    const { at, insert, look, claim, settle, find } = suite;

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
        const taken = suite.store.requests.accept({ request: newRequest("a", { device: "E7" }), entries: [entry] });
        const [refused, other] = await Promise.allSettled([taken, insert(newRequest("b"))]);
        assert.equal(refused.status === "rejected" && refused.reason.code, "SERVICE_BUSY");
        assert.equal(other.status, "fulfilled");
        assert.equal((await find("b")).state, "waiting");
        assert.equal((await find("a")).device, "E1");
        assert.equal(await logSize(suite.store), 0);
      });

      it("refuses a priority outside 0 to 9", async () => {
        const scheduling = { priority: 10, bypassRetry: false };
        await assert.rejects(insert(newRequest("a", { scheduling })), { code: "SERVICE_BUSY" });
      });
    });

    it("counts what is next to be claimed, up to a number", async () => {
      await insert(...["a", "b", "c"].map((uid) => newRequest(uid, { device: uid })));
      assert.deepEqual(await Promise.all([2, 9].map((most) => suite.store.requests.countReady("dlms", most))), [2, 3]);
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
      for (const { fence } of overdue) assert.ok(await suite.store.requests.settle(fence, ended));
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
        const purged = await suite.store.requests.purge(20_000, 100);
        assert.deepEqual(purged, { requests: 1, more: false });
        assert.equal(await suite.store.requests.find("old"), undefined);
        assert.equal((await find("young")).state, "succeeded");
        assert.equal((await find("waiting")).state, "waiting");
        assert.deepEqual((await find("young")).outcomes, [DONE]);
      });

      it("tells when there is more than it took", async () => {
        await insert(...["a", "b", "c"].map((uid) => newRequest(uid, { device: uid })));
        for (const uid of await claim()) await settle(uid, SUCCEEDED);
        const purge = () => suite.store.requests.purge(99_000, 2);
        assert.deepEqual(await purge(), { requests: 2, more: true });
        assert.deepEqual(await purge(), { requests: 1, more: false });
      });

      it("never deletes what is not finished", async () => {
        await insert(newRequest("a"));
        const { id } = await find("a");
        assert.equal(await suite.store.requests.deleteFinished(id, []), false);
        await claim();
        assert.equal(await suite.store.requests.deleteFinished(id, []), false);
        await settle("a", SUCCEEDED);
        assert.equal(await suite.store.requests.deleteFinished(id, []), true);
      });

      it("deletes with evidence of it, or not at all", async () => {
        await insert(newRequest("a"));
        const { id } = await find("a");
        const evidence = [newLogEntry("delete it"), newLogEntry("done")];
        assert.equal(await suite.store.requests.deleteFinished(id, evidence), false);
        assert.equal(await logSize(suite.store), 0);
        await claim();
        await settle("a", SUCCEEDED);
        assert.equal(await suite.store.requests.deleteFinished(id, evidence), true);
        assert.equal(await logSize(suite.store), 2);
      });
    });

    describe("message ids", () => {
      const accept = (uid: string, bodySha256 = "00", fields: Partial<NewRequest> = {}) => {
        const request = newRequest(uid, fields);
        return suite.store.requests.accept({ request, message: { id: "m", bodySha256 }, entries: [] });
      };

      it("tell a message that comes again from another one with the same id, per organisation", async () => {
        const caller = { organisation: "Other", userName: "clerk", applicationName: "ERP" };
        assert.deepEqual(
          [await accept("a"), await accept("b"), await accept("c", "11"), await accept("d", "00", { caller })],
          [{ kind: "accepted" }, { kind: "repeated", correlationUid: "a" }, { kind: "conflict" }, { kind: "accepted" }],
        );
        assert.equal(await suite.store.requests.find("b"), undefined);
      });

      it("do so within one transaction", async () => {
        const kinds = (await Promise.all([accept("a"), accept("b")])).map(({ kind }) => kind);
        assert.deepEqual(kinds, ["accepted", "repeated"]);
      });

      it("live at least as long as their request, however late it is due", async () => {
        const scheduling = { priority: 4, bypassRetry: false, scheduleTimeMs: 10 * 86_400_000 };
        await accept("a", "00", { scheduling });
        await suite.store.requests.purge(8 * 86_400_000, 100);
        assert.deepEqual(await accept("b"), { kind: "repeated", correlationUid: "a" });
        await claim(10 * 86_400_000);
        await settle("a", SUCCEEDED, 10 * 86_400_000);
        await suite.store.requests.purge(10 * 86_400_000, 100);
        assert.deepEqual(await accept("b"), { kind: "repeated", correlationUid: "a" });
        await suite.store.requests.purge(10 * 86_400_000 + 1, 100);
        assert.deepEqual(await accept("b"), { kind: "accepted" });
      });

      it("of a request that was deleted are kept until retention", async () => {
        await accept("a");
        await claim();
        await settle("a", SUCCEEDED);
        await suite.store.requests.deleteFinished((await find("a")).id, []);
        await suite.store.requests.purge(1000, 100);
        assert.deepEqual(await accept("b"), { kind: "repeated", correlationUid: "a" });
        await suite.store.requests.purge(1001, 100);
        assert.deepEqual(await accept("b"), { kind: "accepted" });
      });
    });

    describe("for operators", () => {
      it("counts what waits and runs", async () => {
        const later = { priority: 4, bypassRetry: false, scheduleTimeMs: 90_000 };
        await insert(newRequest("running"), newRequest("parked"), newRequest("later", { scheduling: later }));
        await claim();
        await insert(newRequest("ready", { device: "E2", acceptedMs: 2500 }), newRequest("done", { device: "E3" }));
        assert.deepEqual(await suite.store.requests.countUnfinished(), {
          later: 1,
          ready: 2,
          parked: 1,
          running: 1,
          oldestReadyDueMs: 1000,
        });
        await claim(2000);
        await settle("done", SUCCEEDED);
        const { ready, running } = await suite.store.requests.countUnfinished();
        assert.deepEqual([ready, running], [0, 2]);
      });

      it("lists what is not finished, oldest first, with its latest error", async () => {
        await insert(newRequest("young", { acceptedMs: 1500 }), newRequest("old", { device: "E2" }));
        await insert(newRequest("done", { device: "E3" }));
        await claim(2000);
        await settle("done", SUCCEEDED);
        await settle("old", retried(4000));
        const [old, young, ...more] = await suite.store.requests.listUnfinished(10);
        assert.deepEqual([old?.correlationUid, young?.correlationUid, more.length], ["old", "young", 0]);
        assert.deepEqual([old?.place, old?.lastError, old?.dueMs], ["later", ERROR, 4000]);
        assert.deepEqual(
          [young?.place, young?.lastError, young?.worker, young?.claimedMs],
          ["running", undefined, "w1", 2000],
        );
        assert.equal((await suite.store.requests.listUnfinished(1)).length, 1);
      });

      it("lists what failed, latest first, with why", async () => {
        await insert(newRequest("whole"), newRequest("one", { device: "E2" }), newRequest("done", { device: "E3" }));
        await claim(2000);
        await settle("whole", { to: "failed", error: ERROR, attemptError: ERROR }, 3000);
        const { error } = REFUSED as { error: ErrorRecord };
        await settle("one", { to: "failed", outcomes: [REFUSED], attemptError: error }, 4000);
        await settle("done", SUCCEEDED);
        const failed = await suite.store.requests.listFailed(10);
        assert.deepEqual(
          failed.map(({ correlationUid, finishedMs, error: why }) => [correlationUid, finishedMs, why]),
          [
            ["one", 4000, error],
            ["whole", 3000, ERROR],
          ],
        );
        assert.equal((await suite.store.requests.listFailed(1)).length, 1);
      });
    });
  });
}
