import assert from "node:assert/strict";
import { ManualClock, nextTurn } from "../../src/lib/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { describeStore, newLogEntry } from "./conformance.ts";
import { describeStoreModel } from "./model.ts";
import { newRequest } from "./new-request.ts";
import { OtherConnection, openTemporaryStore, type TemporaryStore } from "./temporary-store.ts";

describeStore("SQLite", openTemporaryStore);
describeStoreModel("SQLite", openTemporaryStore);

describe("the store over SQLite", () => {
  let store: TemporaryStore;
  let clock: ManualClock;

  beforeEach(async () => {
    clock = new ManualClock(1000);
    store = await openTemporaryStore(clock);
  });

  afterEach(() => store.close());

  const accept = (uid: string, device = "E1") =>
    store.requests.accept({ request: newRequest(uid, { device }), entries: [newLogEntry(uid)] });
  const claim = (from = store) => from.requests.claim({ worker: "w", leaseMs: 60_000, limit: 5 });

  it("leases by the system's clocks, one of which counts in fractions", async () => {
    const real = await openTemporaryStore();
    await real.requests.accept({ request: newRequest("a"), entries: [] });
    const { requests } = await real.requests.claim({ worker: "w", leaseMs: 60_000, limit: 1 });
    assert.ok(Number.isInteger(requests[0]?.leaseUntilMs));
    await real.close();
  });

  it("lists pushes and firmware of which a row cannot be read: it says so, and the others are there", async () => {
    const push = (correlationUid: string) => ({
      ...{ correlationUid, organisation: "Utility", device: "E1", receivedMs: 1000, alarms: ["CLOCK_INVALID"] },
      ...{ description: "Push", message: Uint8Array.of(1) },
    });
    for (const uid of ["a", "b"]) {
      await store.pushes.keep(push(uid), []);
      await store.firmware.put({ identification: uid, sha256: "00", image: Uint8Array.of(1), models: ["M"] }, 1000, []);
    }
    store.sql.run("update push set alarms = 'x' where correlation_uid = 'a'");
    store.sql.run("update firmware set models = 'x' where identification = 'a'");
    const pushes = new Map((await store.pushes.list(9)).map((each) => [each.correlationUid, each]));
    assert.deepEqual(pushes.get("b"), push("b"));
    assert.deepEqual(pushes.get("a"), { ...push("a"), alarms: [], description: "The stored alarms cannot be read." });
    const models = (await store.firmware.list()).map((each) => [each.identification, each.models]);
    assert.deepEqual(models, [
      ["a", undefined],
      ["b", ["M"]],
    ]);
  });

  it("never claims the same request for two processes, nor two of one device", async () => {
    const other = await openStore({ dataDirectory: store.dataDirectory, clock });
    await Promise.all(Array.from({ length: 60 }, (_, i) => accept(`uid-${i}`, `E${i % 20}`)));
    const claimed: string[] = [];
    for (const each of [store, other, store, other, store, other]) {
      const { requests } = await each.requests.claim({ worker: "w", leaseMs: 60_000, limit: 5 });
      claimed.push(...requests.map(({ device }) => device));
    }
    await other.close();
    assert.equal(claimed.length, 20);
    assert.equal(new Set(claimed).size, 20);
  });

  it("lets reads and the event loop go on while another process holds the lock, and then writes", async () => {
    await accept("before");
    store.sql.run("begin immediate");
    let written = 0;
    const writes = [accept("a", "E2"), accept("b", "E3"), store.leases.acquire("task", "me", 1000)].map((write) =>
      write.finally(() => {
        written += 1;
      }),
    );
    // The lock is held for as long as it takes to read a hundred times and to turn the event loop each time.
    for (let reads = 0; reads < 100; reads++) {
      assert.equal((await store.requests.find("before"))?.state, "waiting");
      assert.equal((await store.requests.countUnfinished()).ready, 1);
      await nextTurn();
    }
    assert.equal(written, 0);
    store.sql.run("commit");
    await Promise.all(writes);
    assert.equal((await store.requests.countUnfinished()).ready, 3);
  });

  it("ends a claimed request that cannot be read as a fault of its own, and lets others go on", async () => {
    await accept("broken", "E1");
    await accept("behind it", "E1");
    await accept("whole", "E2");
    store.sql.run("update request set actions = 'x' where correlation_uid = 'broken'");
    const [first, lease] = await Promise.all([claim(), store.leases.acquire("task", "me", 1000)]);
    assert.deepEqual(
      first.requests.map(({ correlationUid }) => correlationUid),
      ["whole"],
    );
    assert.deepEqual(first.unreadable, [{ correlationUid: "broken", device: "E1" }]);
    assert.ok(first.more && lease !== undefined);
    const ended = await store.requests.find("broken");
    assert.deepEqual([ended?.state, ended?.error?.code], ["failed", "INTERNAL"]);
    assert.deepEqual(
      (await claim()).requests.map(({ correlationUid }) => correlationUid),
      ["behind it"],
    );
  });

  for (const refused of [[], ["accept", "firmware"]]) {
    it(`writes what comes mixed as if it came one by one, ${refused.length} of it refused`, async () => {
      const actions = Array.from({ length: 3 }, () => newRequest("").actions[0]!);
      await store.requests.accept({ request: newRequest("bundle", { operation: "Bundle", actions }), entries: [] });
      const [{ id, attempt } = { id: 0, attempt: 0 }] = (await claim()).requests;
      const done = { ok: true as const, result: {} };
      const outcomes = [0, 1].map((position) => ({ position, outcome: done }));
      const back = { to: "waiting", ending: "retried", dueMs: 3000, priority: 4, retries: 1, forget: [1] } as const;
      const firmware = [{ module: "m", version: "1", readMs: 1 }];
      const results = await Promise.allSettled([
        accept("a"),
        store.requests.report({ id, attempt }, outcomes),
        ...refused.map((what) => (what === "accept" ? accept("a") : store.devices.putFirmwareVersions("?", firmware))),
        store.messageLog.append([newLogEntry("b")]),
        store.requests.settle({ id, state: "running", attempt }, back, [newLogEntry("c")]),
        accept("d"),
      ]);
      assert.equal(results.filter(({ status }) => status === "rejected").length, refused.length);
      assert.deepEqual((await store.requests.find("bundle"))?.outcomes, [done, null, null]);
      const entries = await store.messageLog.read(0, 99);
      assert.deepEqual(
        entries.map(({ stored }) => Buffer.from(stored ?? []).toString()),
        ["a", "b", "c", "d"],
      );
      assert.equal((await store.requests.find("d"))?.state, "waiting");
    });
  }

  it("names a request that cannot be read among those that are overdue, and ends it", async () => {
    const scheduling = { priority: 4, bypassRetry: false, maxScheduleTimeMs: 2000 };
    await store.requests.accept({ request: newRequest("broken", { scheduling }), entries: [] });
    store.sql.run("insert into request_action select id, 0, 'x', 1 from request");
    clock.advance(5000);
    const [found] = (await claim()).overdue;
    assert.ok(found && found.request === undefined);
    const error = { code: "INTERNAL", message: "x" } as const;
    assert.equal(await store.requests.settle(found.fence, { to: "failed", error }), true);
    assert.equal((await claim()).untilNextEventMs, undefined);
  });

  it("tells of a row that cannot be read to whoever asks for it alone", async () => {
    await accept("broken");
    store.sql.run("update request set actions = '[]'");
    await assert.rejects(store.requests.find("broken"), { code: "ROW_UNREADABLE" });
    assert.equal((await store.requests.listUnfinished(10)).length, 1);
  });

  it("wakes whoever listens when another process has written", async () => {
    const woken = new Promise<void>((resolve) => store.onWake(resolve));
    // The watch begins with the state that is there when it is told to.
    await store.messageLog.size();
    const other = await openStore({ dataDirectory: store.dataDirectory, clock });
    await other.requests.accept({ request: newRequest("a"), entries: [] });
    await other.close();
    await woken;
  });

  it("refuses nonsense in the table itself", async () => {
    const broken: Record<string, string> = {
      "a finished request without an end": "state = 'succeeded', lane = null",
      "a waiting request with an end": "finished_ms = 1",
      "a running request without a lease": "state = 'running', lane = null, worker = 'w', claimed_ms = 1",
      "a waiting request that stands nowhere": "lane = null",
      "an error of a request that did not fail": "error_code = 'INTERNAL', error_message = 'x'",
      "a state that is none": "state = 'cancelled'",
    };
    await accept("a");
    for (const [what, change] of Object.entries(broken)) {
      assert.throws(() => store.sql.run(`update request set ${change}`), /CHECK constraint failed/, what);
    }
    await claim();
    await accept("b");
    const lease = "state = 'running', lane = null, worker = 'w', claimed_ms = 1, lease_until_ms = 2";
    const second = `update request set ${lease} where correlation_uid = 'b'`;
    assert.throws(() => store.sql.run(second), /UNIQUE constraint failed: request.route_device/);
  });

  it("is written through to the disk before a commit returns", async () => {
    // Another connection sees the journal's mode; how a commit waits is each connection's own.
    const other = new OtherConnection(store.dataDirectory);
    assert.deepEqual(other.rows("pragma journal_mode"), [{ journal_mode: "wal" }]);
    other.close();
  });
});
