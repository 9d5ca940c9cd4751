import assert from "node:assert/strict";
import type { NewRequest } from "../../src/store/requests.ts";
import type { OpenStore } from "./conformance.ts";
import { newRequest } from "./new-request.ts";
import { DONE, ERROR, retried, SUCCEEDED, withRequests } from "./requests-suite.ts";

/** How workers get requests in every store. */
export function describeClaiming(name: string, open: OpenStore): void {
  describe(`requests over ${name}`, () => {
    const suite = withRequests(open);
    const { at, insert, look, claimAll, claim, fenceOf, settle, find } = suite;

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
          const { requests } = suite.store;
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
          const { requests, more } = await suite.store.requests.claim({ ...order, perFamily });
          return [...requests.map(({ correlationUid }) => correlationUid), more];
        };
        assert.deepEqual(await uids(), ["dlms-0", "other", "dlms-1", true]);
        assert.deepEqual(await uids({ dlms: 0, zigbee: 9 }), [false]);
        assert.deepEqual(
          await Promise.all(["dlms", "zigbee"].map((f) => suite.store.requests.countReady(f, 99))),
          [7, 0],
        );
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

      it("takes by priority what waits behind a write whose turn another device has", async () => {
        const request = (uid: string, routeDevice: string, priority: number, more = {}) =>
          newRequest(uid, { device: "G1", routeDevice, scheduling: { priority, bypassRetry: false }, ...more });
        await insert(request("a", "E1", 0, { device: "E1" }), request("b", "E2", 0));
        const begun = await claimAll(1000);
        const writes = { writes: true };
        await insert(request("c", "E1", 2, writes), request("d", "E2", 1), request("e", "E2", 2, writes));
        assert.deepEqual(await claim(1000), []);
        for (const { id, attempt } of begun) {
          const again = { to: "waiting", ending: "retried", dueMs: 1000, priority: 0, retries: 1 } as const;
          assert.ok(await suite.store.requests.settle({ id, state: "running", attempt }, again));
        }
        assert.deepEqual(await claim(1000), ["c", "d"]);
      });

      it("finds the free devices behind a long line of a busy one", async () => {
        const line = Array.from({ length: 3000 }, (_, i) => newRequest(`busy-${i}`, { device: "E1" }));
        await insert(...line, newRequest("free", { device: "E2" }));
        const order = { worker: "w1", leaseMs: 7000, limit: 10 };
        const claimed: string[] = [];
        for (let more = true; more; ) {
          const result = await suite.store.requests.claim(order);
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
          const result = await suite.store.requests.claim(order);
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
        assert.ok(await suite.store.requests.report(fence, [{ position: 1, outcome: DONE }]));
        await settle("a", retried(3000));
        const [request] = await claimAll();
        assert.deepEqual(request?.outcomes, [null, DONE]);
        assert.deepEqual([request.attempt, request.retries], [2, 1]);
      });
    });
  });
}
