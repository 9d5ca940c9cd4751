import assert from "node:assert/strict";
import type { Organisation } from "../../src/domain/organisation.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import type { Store } from "../../src/store/store.ts";
import { newLogEntry, type OpenStore } from "./conformance.ts";
import { plainDevice } from "./secrets-conformance.ts";

const UTILITY: Organisation = { identification: "Utility", enabled: true };
const LIMITED: Organisation = { identification: "Other", enabled: true, messagesPerSecond: 5, maxWaiting: 100 };
const RIGHT = { device: "E1", organisation: "Other", functionGroup: "FIRMWARE" } as const;

/** What organisations and their rights do in every store. */
export function describeOrganisations(name: string, open: OpenStore): void {
  describe(`what must not come twice over ${name}`, () => {
    let store: Store;
    beforeEach(async () => {
      store = await open(new ManualClock(1000));
    });
    afterEach(() => store.close());

    it("is remembered as long as it was said, also when it comes twice at once", async () => {
      const [a, b] = ["a".repeat(64), "b".repeat(64)];
      const twice = await Promise.all([store.replays.remember(a, 1000, 2000), store.replays.remember(a, 1000, 2000)]);
      assert.deepEqual(twice.sort(), [false, true]);
      assert.equal(await store.replays.remember(b, 1000, 9000), true);
      assert.equal(await store.replays.remember(a, 2001, 3000), true);
      assert.equal(await store.replays.remember(b, 2001, 9000), false);
    });
  });

  describe(`organisations over ${name}`, () => {
    let store: Store;
    let evidence = 0;

    beforeEach(async () => {
      store = await open(new ManualClock(1000));
      await store.devices.import({
        ...{ organisations: ["Utility"], replaceKeys: false, nowMs: 1000, evidence: [] },
        devices: [{ device: plainDevice("E1"), authorisations: [], secrets: [] }],
      });
      evidence = 0;
    });
    afterEach(async () => {
      await store.messageLog.sequence(10);
      assert.equal(await store.messageLog.size(), evidence, "entries of evidence");
      await store.close();
    });

    const entry = (text: string) => [newLogEntry(text)];

    it("are enabled and without limits when an import brought them, and as they were added otherwise", async () => {
      assert.equal(await store.organisations.add(LIMITED, entry("added")), true);
      assert.equal(await store.organisations.add({ ...LIMITED, enabled: false }, entry("again")), false);
      assert.deepEqual(await store.organisations.find("Utility"), UTILITY);
      assert.deepEqual(await store.organisations.find("Other"), LIMITED);
      assert.equal(await store.organisations.find("Nobody"), undefined);
      assert.deepEqual(await store.organisations.list(), [LIMITED, UTILITY]);
      evidence = 1;
    });

    it("change only as they were found", async () => {
      const { organisations } = store;
      const disabled = { ...UTILITY, enabled: false, maxWaiting: 7 };
      assert.equal(await organisations.replace(UTILITY, disabled, entry("disabled")), true);
      assert.equal(await organisations.replace(UTILITY, { ...UTILITY, maxWaiting: 8 }, entry("too late")), false);
      assert.deepEqual(await organisations.find("Utility"), disabled);
      const enabled = { ...disabled, enabled: true, maxWaiting: undefined };
      assert.equal(await organisations.replace(disabled, enabled, entry("enabled")), true);
      assert.deepEqual(await organisations.find("Utility"), UTILITY);
      evidence = 2;
    });

    it("stay as they are when an import names them again", async () => {
      await store.organisations.replace(UTILITY, { ...UTILITY, enabled: false }, []);
      const nothing = { devices: [], replaceKeys: false, nowMs: 1000, evidence: [] };
      await store.devices.import({ organisations: ["Utility"], ...nothing });
      assert.deepEqual(await store.organisations.find("Utility"), { ...UTILITY, enabled: false });
    });

    it("are granted rights once, and lose them once, and others see that something changed", async () => {
      await store.organisations.add(LIMITED, []);
      const rights = async () => (await store.devices.find("E1"))?.authorisations;
      const before = await store.devices.version();
      assert.equal(await store.organisations.grant(RIGHT, entry("granted")), true);
      assert.equal(await store.organisations.grant(RIGHT, entry("again")), false);
      assert.deepEqual(await rights(), [{ organisation: "Other", functionGroup: "FIRMWARE" }]);
      const granted = await store.devices.version();
      assert.ok(granted > before);
      assert.equal(await store.organisations.revoke({ ...RIGHT, functionGroup: "OWNER" }, entry("none")), false);
      assert.equal(await store.organisations.revoke(RIGHT, entry("revoked")), true);
      assert.equal(await store.organisations.revoke(RIGHT, entry("again")), false);
      assert.deepEqual(await rights(), []);
      assert.ok((await store.devices.version()) > granted);
      evidence = 2;
    });

    it("may sign, and have users with tokens", async () => {
      const tokenUsers = [{ user: "clerk", generation: 3 }];
      const signing = { ...UTILITY, signed: true as const, tokenUsers };
      assert.equal(await store.organisations.replace(UTILITY, signing, []), true);
      assert.deepEqual(await store.organisations.find("Utility"), signing);
      assert.equal(await store.organisations.replace(signing, UTILITY, []), true);
    });

    it("get no right on a device that is not there, and none that is unknown gets one", async () => {
      await assert.rejects(store.organisations.grant({ ...RIGHT, organisation: "Utility", device: "E2" }, entry("x")), {
        code: "SERVICE_BUSY",
      });
      await assert.rejects(store.organisations.grant(RIGHT, entry("x")), { code: "SERVICE_BUSY" });
    });
  });
}
