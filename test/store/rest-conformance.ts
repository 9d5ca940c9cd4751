import assert from "node:assert/strict";
import { ManualClock } from "../../src/lib/clock.ts";
import type { StoredPush } from "../../src/store/pushes.ts";
import type { ReportQuery, StoredReport } from "../../src/store/reports.ts";
import type { Settlement } from "../../src/store/requests.ts";
import type { Store } from "../../src/store/store.ts";
import type { StoredSystemEvent } from "../../src/store/system-events.ts";
import { logSize, newLogEntry, type OpenStore } from "./conformance.ts";
import { newRequest } from "./new-request.ts";
import { plainDevice, sealedSecret } from "./secrets-conformance.ts";

/** What the small aggregates do in every store, and the store as a whole. */
export function describeRest(name: string, open: OpenStore): void {
  let store: Store;

  describe(`pushes over ${name}`, () => {
    beforeEach(async () => {
      store = await open(new ManualClock(1000));
    });
    afterEach(() => store.close());

    const push = (correlationUid: string, receivedMs: number): StoredPush => ({
      ...{ correlationUid, receivedMs, organisation: "Utility", device: "E1" },
      ...{ alarms: ["REPLACE_BATTERY"], description: "a text", message: Uint8Array.of(0, 255) },
    });

    it("are kept with the evidence of them, or not at all", async () => {
      await store.pushes.keep(push("a", 1000), [newLogEntry("pushed")]);
      await assert.rejects(store.pushes.keep(push("a", 2000), [newLogEntry("again")]), { code: "SERVICE_BUSY" });
      assert.deepEqual(await store.pushes.find("a"), push("a", 1000));
      assert.equal(await store.pushes.find("b"), undefined);
      assert.equal(await logSize(store), 1);
    });

    it("are kept once for each counter of a key, and with a new key anew; what is a replay leaves nothing", async () => {
      const key = "E_METER_ENCRYPTION_KEY_UNICAST";
      const devices = [{ device: plainDevice("E1"), authorisations: [], secrets: [] }];
      await store.devices.import({ organisations: [], devices, replaceKeys: false, nowMs: 1000, evidence: [] });
      const keep = (counter: number) =>
        store.pushes.keep(undefined, [newLogEntry(String(counter))], { device: "E1", key, counter });
      assert.equal(await keep(1), false, "there is no key");
      await store.secrets.insertActive([sealedSecret("a", key)], 1000);
      for (const [counter, isNew] of [
        [7, true],
        [7, false],
        [6, false],
        [8, true],
      ] as const) {
        assert.equal(await keep(counter), isNew);
      }
      await store.secrets.insertActive([sealedSecret("b", key)], 2000);
      assert.equal(await keep(0), true);
      assert.equal(await logSize(store), 3);
    });

    it("are listed newest first, and forgotten oldest first", async () => {
      for (const [uid, receivedMs] of [
        ["a", 1000],
        ["b", 3000],
        ["c", 2000],
      ] as const) {
        await store.pushes.keep(push(uid, receivedMs), []);
      }
      const listed = async () => (await store.pushes.list(10)).map(({ correlationUid }) => correlationUid);
      assert.deepEqual(await listed(), ["b", "c", "a"]);
      assert.equal(await store.pushes.purge(3000, 1), 1);
      assert.deepEqual(await listed(), ["b", "c"]);
      assert.equal(await store.pushes.purge(3000, 9), 1);
      assert.equal(await store.pushes.purge(3000, 9), 0);
    });
  });

  describe(`system events over ${name}`, () => {
    beforeEach(async () => {
      store = await open(new ManualClock(1000));
    });
    afterEach(() => store.close());

    const event = (correlationUid: string, atMs: number, device = "E1", type = "FULL"): StoredSystemEvent => ({
      ...{ correlationUid, organisation: "Utility", device, type, atMs, reason: "a text" },
    });

    it("are kept once of their type and device in a while", async () => {
      assert.equal(await store.systemEvents.keepNew(event("a", 1000), 0, [newLogEntry("a")]), true);
      assert.equal(await store.systemEvents.keepNew(event("b", 2000), 1000, [newLogEntry("b")]), false);
      assert.equal(await store.systemEvents.keepNew(event("c", 2000, "E2"), 1000, []), true);
      assert.equal(await store.systemEvents.keepNew(event("d", 2000, "E1", "EMPTY"), 1000, []), true);
      assert.equal(await store.systemEvents.keepNew(event("e", 2001), 1001, []), true);
      while ((await store.messageLog.sequence(100)) === 100);
      assert.equal(await store.messageLog.size(), 1, "evidence of the one that was new");
      assert.deepEqual(await store.systemEvents.find("a"), event("a", 1000));
      assert.equal(await store.systemEvents.find("b"), undefined);
    });

    it("are listed newest first, and forgotten oldest first", async () => {
      for (const [uid, atMs] of [
        ["a", 1000],
        ["b", 3000],
        ["c", 2000],
      ] as const) {
        await store.systemEvents.keepNew(event(uid, atMs, uid), 0, []);
      }
      const listed = async () => (await store.systemEvents.list(2)).map(({ correlationUid }) => correlationUid);
      assert.deepEqual(await listed(), ["b", "c"]);
      assert.equal(await store.systemEvents.purge(3000, 1), 1);
      assert.deepEqual(await listed(), ["b", "c"]);
      assert.equal(await store.systemEvents.purge(3000, 9), 1);
      assert.deepEqual(await listed(), ["b"]);
    });
  });

  describe(`reports over ${name}`, () => {
    beforeEach(async () => {
      store = await open(new ManualClock(1000));
    });
    afterEach(() => store.close());

    const report = (correlationUid: string, atMs: number, more: Partial<StoredReport> = {}): StoredReport => ({
      ...{ correlationUid, organisation: "Utility", device: "E1", kind: "started", atMs, receivedMs: atMs + 1 },
      ...{ digest: `digest of ${correlationUid}`, content: { a: [1, "ü"] } },
      ...more,
    });
    const all = { device: "E1", organisation: "Utility", kinds: [] };
    const page = { offset: 0, limit: 9 };
    const uids = async (query: Partial<ReportQuery> = {}, at = page) => {
      const { count, reports } = await store.reports.find({ ...all, ...query }, at);
      return [count, ...reports.map(({ correlationUid }) => correlationUid)];
    };

    it("are kept once, with the evidence of them", async () => {
      assert.equal(await store.reports.keep(report("a", 1000), [newLogEntry("reported")]), true);
      const again = report("b", 1000, { digest: "digest of a" });
      assert.equal(await store.reports.keep(again, [newLogEntry("again")]), false);
      assert.equal(await store.reports.keep({ ...again, device: "E2" }, []), true);
      assert.deepEqual((await store.reports.find(all, page)).reports, [report("a", 1000)]);
      assert.equal(await logSize(store), 1);
    });

    it("are found by device, owner, kind, time and name, the newest first and by pages", async () => {
      for (const [uid, atMs, kind] of [
        ["a", 1000, "started"],
        ["b", 3000, "ended"],
        ["c", 2000, "started"],
      ] as const) {
        await store.reports.keep(report(uid, atMs, { kind }), []);
      }
      assert.deepEqual(await uids(), [3, "b", "c", "a"]);
      assert.deepEqual(await uids({}, { offset: 1, limit: 1 }), [3, "c"]);
      assert.deepEqual(await uids({ kinds: ["started", "other"] }), [2, "c", "a"]);
      assert.deepEqual(await uids({ fromMs: 2000, untilMs: 3000 }), [2, "b", "c"]);
      assert.deepEqual(await uids({ correlationUid: "a" }), [1, "a"]);
      assert.deepEqual(await uids({ organisation: "Other" }), [0]);
      assert.deepEqual(await uids({ device: "E2" }), [0]);
      assert.equal(await store.reports.purge(3001, 1), 1);
      assert.equal(await store.reports.purge(3001, 9), 1);
      assert.deepEqual(await uids(), [1, "b"]);
    });
  });

  describe(`notifications over ${name}`, () => {
    let clock: ManualClock;
    beforeEach(async () => {
      clock = new ManualClock(1000);
      store = await open(clock);
    });
    afterEach(() => store.close());

    const address = (application: string, url: string) => ({ organisation: "Utility", application, url });
    const ERP = address("ERP", "https://erp.example/a");
    const end = async (uid: string, responseUrl?: string, settlement: Settlement = { to: "succeeded" }, more = {}) => {
      const scheduling = { priority: 4, bypassRetry: false, responseUrl };
      await store.requests.accept({ request: newRequest(uid, { device: uid, scheduling, ...more }), entries: [] });
      const { requests } = await store.requests.claim({ worker: "w", leaseMs: 60_000, limit: 1 });
      const { id, attempt } = requests[0]!;
      return store.requests.settle({ id, attempt, state: "running" }, settlement);
    };
    const waiting = () => store.notifications.list("waiting", 100);
    const seen = async () => (await waiting()).map(({ correlationUid, url }) => [correlationUid, url]);

    it("come with the end of a request, to where it says or its application is told, once", async () => {
      await end("nobody");
      await store.notifications.setAddress(ERP);
      await store.notifications.setAddress(address("Other", "https://other.example/"));
      await end("a");
      await end("b", "https://named.example/x");
      await end("c", undefined, { to: "waiting", ending: "snoozed", dueMs: 1000, priority: 4, retries: 0 });
      assert.deepEqual(await seen(), [
        ["a", "https://erp.example/a"],
        ["b", "https://named.example/x"],
      ]);
      const { requests } = await store.requests.claim({ worker: "w", leaseMs: 60_000, limit: 1 });
      const { id, attempt } = requests[0]!;
      const fence = { id, attempt, state: "running" } as const;
      assert.ok(await store.requests.settle(fence, { to: "succeeded" }));
      assert.equal(await store.requests.settle(fence, { to: "succeeded" }), false);
      assert.equal((await waiting()).length, 3);
    });

    it("say how it ended: a bundle with answers has ended well", async () => {
      await store.notifications.setAddress(ERP);
      const error = { code: "DEVICE_REFUSED", message: "No." } as const;
      const refused = { to: "failed", outcomes: [{ ok: false, error }], attemptError: error } as const;
      await end("a");
      await end("b", undefined, { to: "failed", error });
      await end("c", undefined, refused);
      await end("d", undefined, refused, { operation: "Bundle" });
      await end("e", undefined, { to: "failed", error }, { operation: "Bundle" });
      assert.deepEqual(
        (await waiting()).map(({ correlationUid, about, result, message }) => [correlationUid, about, result, message]),
        [
          ["a", "SynchronizeTime", "OK", undefined],
          ["b", "SynchronizeTime", "NOT OK", "No."],
          ["c", "SynchronizeTime", "NOT OK", "No."],
          ["d", "Bundle", "OK", undefined],
          ["e", "Bundle", "NOT OK", "No."],
        ],
      );
    });

    it("come with a push, to every application of the owner", async () => {
      await store.notifications.setAddress(ERP);
      await store.notifications.setAddress(address("Other", "https://other.example/"));
      await store.notifications.setAddress({ ...ERP, organisation: "Stranger" });
      await store.pushes.keep(
        {
          ...{ correlationUid: "p", receivedMs: 1000, organisation: "Utility", device: "E1" },
          ...{ alarms: [], description: "", message: Uint8Array.of(1) },
        },
        [],
      );
      const told = (await waiting()).map(({ application, about }) => `${application} ${about}`);
      assert.deepEqual(told, ["ERP PushedAlarm", "Other PushedAlarm"]);
    });

    it("come with a system event that is kept, and not with one that was told", async () => {
      await store.notifications.setAddress(ERP);
      const event = { organisation: "Utility", device: "E1", type: "FULL", atMs: 1000, reason: "a text" };
      await store.systemEvents.keepNew({ ...event, correlationUid: "a" }, 0, []);
      await store.systemEvents.keepNew({ ...event, correlationUid: "b" }, 0, []);
      const told = (await waiting()).map(({ correlationUid, about, message }) => [correlationUid, about, message]);
      assert.deepEqual(told, [["a", "SystemEvent", undefined]]);
    });

    it("are due by origin: what waits for one hides no other", async () => {
      for (let i = 0; i < 30; i++) await end(`a${i}`, `https://a.example/${i}`);
      await end("b", "https://b.example/");
      const due = async (...except: string[]) =>
        (await store.notifications.due(2, except)).map(({ correlationUid }) => correlationUid);
      assert.deepEqual(await due(), ["a0", "a1", "b"]);
      assert.deepEqual(await due("https://a.example"), ["b"]);
      const [first] = await store.notifications.due(1, []);
      const sent = { id: first!.id, failures: 0 };
      assert.ok(await store.notifications.settle(sent, { kind: "again", dueMs: 5000, error: "busy" }, []));
      assert.equal(await store.notifications.settle(sent, { kind: "acknowledged" }, [newLogEntry("late")]), false);
      assert.deepEqual(await due(), ["a1", "a2", "b"]);
      clock.advance(4000);
      assert.equal((await store.notifications.due(40, []))[29]?.correlationUid, "a0");
      assert.equal(await logSize(store), 0);
    });

    it("that are dead are kept until retention, and go to where the application is told when they are replayed", async () => {
      await store.notifications.setAddress(ERP);
      await end("a");
      await end("b", "https://named.example/");
      for (const { id } of await waiting()) {
        assert.ok(await store.notifications.settle({ id, failures: 0 }, { kind: "dead", error: "gone" }, []));
      }
      assert.deepEqual(await store.notifications.count(), { waiting: 0, dead: 2 });
      await store.notifications.setAddress({ ...ERP, url: "https://new.example/" });
      assert.equal(await store.notifications.replay({ correlationUid: "a" }, [newLogEntry("replayed")]), 1);
      assert.equal(await store.notifications.replay({ organisation: "Other" }), 0);
      assert.equal(await logSize(store), 1);
      assert.deepEqual(await seen(), [["a", "https://new.example/"]]);
      assert.equal(await store.notifications.purge(1000, 10), 0);
      assert.equal(await store.notifications.purge(1001, 10), 1);
      assert.deepEqual(await store.notifications.count(), { waiting: 1, dead: 0 });
    });

    it("go to the new address when it is changed, and what is allowed is told per organisation", async () => {
      const { notifications } = store;
      await notifications.setAddress(ERP);
      await end("a");
      await notifications.setAddress({ ...ERP, url: "https://new.example/" });
      assert.deepEqual(await seen(), [["a", "https://new.example/"]]);
      assert.deepEqual(await notifications.addresses(), [{ ...ERP, url: "https://new.example/" }]);
      assert.ok(await notifications.removeAddress("Utility", "ERP"));
      assert.equal(await notifications.removeAddress("Utility", "ERP"), false);
      const allowed = { organisation: "Utility", origin: "https://erp.example", networks: ["10.0.0.0/8"] };
      await notifications.allow({ ...allowed, networks: [] });
      await notifications.allow(allowed);
      assert.deepEqual(await notifications.allowed("Utility"), [allowed]);
      assert.deepEqual(await notifications.allowed("Other"), []);
      assert.deepEqual(await notifications.allowed(), [allowed]);
      assert.ok(await notifications.disallow("Utility", allowed.origin));
      assert.equal(await notifications.disallow("Utility", allowed.origin), false);
    });
  });

  describe(`firmware over ${name}`, () => {
    beforeEach(async () => {
      store = await open(new ManualClock(1000));
      const devices = [{ device: plainDevice("E1"), authorisations: [], secrets: [] }];
      await store.devices.import({ organisations: [], devices, replaceKeys: false, nowMs: 1000, evidence: [] });
    });
    afterEach(() => store.close());

    it("is given back as it was put in, the latest of each identification", async () => {
      const image = { identification: "B", sha256: "00", image: Uint8Array.of(1, 2, 3), models: ["M"] };
      await store.firmware.put({ ...image, image: Uint8Array.of(9) }, 1000, []);
      await store.firmware.put({ ...image, imageIdentifier: Uint8Array.of(7) }, 1000, []);
      await store.firmware.put({ ...image, identification: "A" }, 1000, []);
      assert.deepEqual(await store.firmware.find("B"), { ...image, imageIdentifier: Uint8Array.of(7) });
      assert.equal((await store.firmware.find("A"))?.imageIdentifier, undefined);
      assert.equal(await store.firmware.find("C"), undefined);
      assert.deepEqual(await store.firmware.list(), [
        { identification: "A", sha256: "00", sizeBytes: 3, models: ["M"] },
        { identification: "B", sha256: "00", sizeBytes: 3, models: ["M"] },
      ]);
    });

    it("remembers how far a transfer has come, until it is ended", async () => {
      const transfer = { device: "E1", target: "E1", sha256: "00", blocksDone: 1, blocksTotal: 9, updatedMs: 1000 };
      await store.firmware.saveTransfer(transfer);
      await store.firmware.saveTransfer({ ...transfer, blocksDone: 2 });
      assert.deepEqual(await store.firmware.transfer("E1"), { ...transfer, blocksDone: 2 });
      assert.equal((await store.firmware.transfers()).length, 1);
      await store.firmware.endTransfer("E1");
      assert.equal(await store.firmware.transfer("E1"), undefined);
    });
  });

  describe(`the store over ${name}`, () => {
    beforeEach(async () => {
      store = await open(new ManualClock(1000));
    });

    it("wakes whoever listens when there is something new to claim", async () => {
      let woken = 0;
      const stop = store.onWake(() => {
        woken += 1;
      });
      await store.requests.accept({ request: newRequest("a"), entries: [] });
      assert.equal(woken, 1);
      stop();
      await store.requests.accept({ request: newRequest("b"), entries: [] });
      assert.equal(woken, 1);
      await store.close();
    });

    it("refuses what cannot be kept alone, and writes what was asked for beside it", async () => {
      const unsendable = { ...newRequest("a"), actions: [() => {}] as never };
      const results = await Promise.allSettled([
        store.requests.accept({ request: unsendable, entries: [] }),
        store.requests.accept({ request: newRequest("b"), entries: [] }),
      ]);
      assert.deepEqual(
        results.map(({ status }) => status),
        ["rejected", "fulfilled"],
      );
      await store.close();
    });

    it("writes what was submitted before it was closed, and takes nothing after", async () => {
      const submitted = store.requests.accept({ request: newRequest("a"), entries: [] });
      const closed = store.close();
      const late = store.requests.accept({ request: newRequest("b"), entries: [] });
      await assert.rejects(late, { code: "SERVICE_BUSY" });
      await closed;
      assert.deepEqual(await submitted, { kind: "accepted" });
    });
  });
}
