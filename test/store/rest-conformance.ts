import assert from "node:assert/strict";
import { ManualClock } from "../../src/lib/clock.ts";
import type { StoredPush } from "../../src/store/pushes.ts";
import type { Store } from "../../src/store/store.ts";
import type { StoredSystemEvent } from "../../src/store/system-events.ts";
import { newLogEntry, type OpenStore } from "./conformance.ts";
import { newRequest } from "./requests-conformance.ts";
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
      assert.equal(await store.messageLog.size(), 1);
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
      await store.messageLog.sequence(10);
      assert.equal(await store.messageLog.size(), 3);
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
      assert.equal(await store.systemEvents.keepNew(event("a", 1000), 0), true);
      assert.equal(await store.systemEvents.keepNew(event("b", 2000), 1000), false);
      assert.equal(await store.systemEvents.keepNew(event("c", 2000, "E2"), 1000), true);
      assert.equal(await store.systemEvents.keepNew(event("d", 2000, "E1", "EMPTY"), 1000), true);
      assert.equal(await store.systemEvents.keepNew(event("e", 2001), 1001), true);
      assert.deepEqual(await store.systemEvents.find("a"), event("a", 1000));
      assert.equal(await store.systemEvents.find("b"), undefined);
    });

    it("are listed newest first, and forgotten oldest first", async () => {
      for (const [uid, atMs] of [
        ["a", 1000],
        ["b", 3000],
        ["c", 2000],
      ] as const) {
        await store.systemEvents.keepNew(event(uid, atMs, uid), 0);
      }
      const listed = async () => (await store.systemEvents.list(2)).map(({ correlationUid }) => correlationUid);
      assert.deepEqual(await listed(), ["b", "c"]);
      assert.equal(await store.systemEvents.purge(3000, 1), 1);
      assert.deepEqual(await listed(), ["b", "c"]);
      assert.equal(await store.systemEvents.purge(3000, 9), 1);
      assert.deepEqual(await listed(), ["b"]);
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
