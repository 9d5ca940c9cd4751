import assert from "node:assert/strict";
import { ManualClock } from "../../src/lib/clock.ts";
import { evidenceOf } from "../../src/message-log/evidence.ts";
import type { DeviceToImport, InventoryToImport } from "../../src/store/devices.ts";
import type { Store } from "../../src/store/store.ts";
import { logSize, type OpenStore } from "./conformance.ts";
import { newRequest } from "./new-request.ts";
import { readableRows } from "./readable-rows.ts";
import { plainDevice, sealedSecret } from "./secrets-conformance.ts";

const OWNER = { organisation: "Utility", functionGroup: "OWNER" as const };
const UNICAST = "E_METER_ENCRYPTION_KEY_UNICAST";

/** What devices and rights do in every store. */
export function describeDevices(name: string, open: OpenStore): void {
  describe(`devices over ${name}`, () => {
    let store: Store;

    beforeEach(async () => {
      store = await open(new ManualClock(1000));
    });

    afterEach(() => store.close());

    const entry = (identification: string, more: Partial<DeviceToImport> = {}): DeviceToImport => ({
      device: plainDevice(identification),
      authorisations: [OWNER],
      secrets: [],
      ...more,
    });
    const load = (devices: DeviceToImport[], more: Partial<InventoryToImport> = {}) =>
      store.devices.import({
        organisations: ["Utility", "Other"],
        devices,
        replaceKeys: false,
        nowMs: 1000,
        evidence: [],
        ...more,
      });

    it("give back what was put in, and nothing for what was not", async () => {
      const mbus = { identificationNumber: "12345678", manufacturerIdentification: "ABC", version: 1, deviceType: 3 };
      const gas = plainDevice("G1", { mbus, gateway: { device: "E1", channel: 1 } });
      await load([entry("E1"), entry("G1", { device: gas })]);
      assert.deepEqual(await store.devices.find("G1"), { device: gas, authorisations: [OWNER] });
      assert.deepEqual(await store.devices.findByMbusIdentity(mbus), [gas]);
      const titled = { ...plainDevice("E2"), systemTitle: "4D47540000000001" };
      assert.deepEqual(await store.devices.findBySystemTitle(titled.systemTitle), []);
      await load([entry("E2", { device: titled })]);
      assert.deepEqual(await store.devices.findBySystemTitle(titled.systemTitle), [titled]);
      assert.equal(await store.devices.find("E3"), undefined);
      assert.deepEqual([...(await store.devices.knownDevices(["E1", "E3"]))], ["E1"]);
      assert.deepEqual([...(await store.devices.knownOrganisations(["Utility", "X"]))], ["Utility"]);
    });

    it("count what an import changed, and keep keys unless told otherwise", async () => {
      const secrets = [sealedSecret("a", UNICAST)];
      const added = { organisationsAdded: 2, devicesAdded: 1, devicesUpdated: 0, secretsStored: 1, secretsKept: 0 };
      assert.deepEqual(await load([entry("E1", { secrets })]), added);
      const kept = { organisationsAdded: 0, devicesAdded: 0, devicesUpdated: 1, secretsStored: 0, secretsKept: 1 };
      assert.deepEqual(await load([entry("E1", { secrets: [sealedSecret("b", UNICAST)] })]), kept);
      const replaced = { ...kept, secretsStored: 1, secretsKept: 0 };
      assert.deepEqual(
        await load([entry("E1", { secrets: [sealedSecret("c", UNICAST)] })], { replaceKeys: true }),
        replaced,
      );
    });

    it("keep what was recorded by requests when a device is imported again, and take over what is given", async () => {
      await load([entry("E1"), entry("E2")]);
      for (const identification of ["E1", "E2"]) {
        const { device } = (await store.devices.find(identification))!;
        await store.devices.replace(device, { ...device, lifecycleStatus: "UNDER_TEST", debugging: true });
      }
      const [model, given] = [{ model: "M2" }, { lifecycleStatus: "IN_USE" as const, debugging: false }];
      await load([
        entry("E1", { device: plainDevice("E1", model) }),
        entry("E2", { device: plainDevice("E2", given) }),
      ]);
      const recorded = async (identification: string) => (await store.devices.find(identification))!.device;
      const kept = { lifecycleStatus: "UNDER_TEST" as const, debugging: true };
      assert.deepEqual(await recorded("E1"), plainDevice("E1", { ...model, ...kept }));
      assert.deepEqual(await recorded("E2"), plainDevice("E2", given));
    });

    it("refuse an import with a gateway that is not there, whole", async () => {
      const gas = plainDevice("G1", { gateway: { device: "GONE", channel: 1 } });
      await assert.rejects(load([entry("E1"), entry("G1", { device: gas })]), { code: "SERVICE_BUSY" });
      assert.equal(await store.devices.count(), 0);
    });

    it("are listed in pages, and counted, for one organisation or for all", async () => {
      const others = [{ organisation: "Other", functionGroup: "FIRMWARE" as const }];
      await load([entry("E3"), entry("E1"), entry("E2", { authorisations: others, invocationCounter: 7 })]);
      const names = async (page: Parameters<typeof store.devices.list>[0]) =>
        readableRows(await store.devices.list(page)).map(({ device }) => device.identification);
      assert.deepEqual(await names({ offset: 1, limit: 2 }), ["E2", "E3"]);
      assert.deepEqual(await names({ offset: 0, limit: 9, organisation: "Other" }), ["E2"]);
      assert.deepEqual([await store.devices.count(), await store.devices.count("Utility")], [3, 2]);
      const [only] = readableRows(await store.devices.list({ offset: 0, limit: 1, organisation: "Other" }));
      assert.deepEqual([only?.authorisations, only?.invocationCounter], [others, 7]);
    });

    it("change only as they were found, and tell of each change by a new version", async () => {
      await load([entry("E1")]);
      const before = await store.devices.version();
      const { device } = (await store.devices.find("E1"))!;
      assert.equal(await store.devices.replace(device, { ...device, timezone: "UTC" }), true);
      assert.equal(await store.devices.replace(device, { ...device, timezone: "Europe/Paris" }), false);
      assert.equal((await store.devices.find("E1"))?.device.timezone, "UTC");
      assert.ok((await store.devices.version()) > before);
    });

    it("are behind the device that their record says, also when it changes, with the evidence of it", async () => {
      const gas = plainDevice("G1", { gateway: { device: "E1", channel: 1 } });
      await load([entry("E1"), entry("E2"), entry("G1", { device: gas })]);
      assert.deepEqual(await store.devices.behind("E1"), [gas]);
      const moved = { ...gas, gateway: { device: "E2", channel: 3, primaryAddress: 7 } };
      const before = await logSize(store);
      const evidence = [evidenceOf({ by: "platform", operation: "couple", details: {} }, 1000)];
      assert.equal(await store.devices.replace(gas, moved, evidence), true);
      assert.deepEqual([await store.devices.behind("E1"), await store.devices.behind("E2")], [[], [moved]]);
      assert.equal(await store.devices.replace(moved, { ...moved, gateway: undefined }), true);
      assert.deepEqual(await store.devices.behind("E2"), []);
      assert.equal(await store.devices.replace(gas, moved, evidence), false);
      assert.equal(await logSize(store), before + 1);
      await assert.rejects(
        store.devices.replace({ ...gas, gateway: undefined }, { ...gas, gateway: { device: "GONE" } }),
        {
          code: "SERVICE_BUSY",
        },
      );
    });

    it("give each value of an invocation counter once, up to the highest", async () => {
      await load([entry("E1")]);
      assert.equal(await store.devices.invocationCounter("E1"), null);
      assert.equal(await store.devices.invocationCounter("E2"), undefined);
      assert.equal(await store.devices.addToInvocationCounter("E1", 4, 10, null), undefined, "it is not known");
      assert.equal(await store.devices.invocationCounter("E1"), null);
      const taken = await Promise.all(
        [0, null].map((unknownAs) => store.devices.addToInvocationCounter("E1", 4, 10, unknownAs)),
      );
      assert.deepEqual(taken, [4, 8]);
      assert.equal(await store.devices.addToInvocationCounter("E1", 4, 10, 0), undefined);
      assert.equal(await store.devices.raiseInvocationCounter("E1", 8, []), false);
      assert.equal(await store.devices.raiseInvocationCounter("E1", 9, []), true);
      await load([entry("E1", { invocationCounter: 3 })]);
      assert.equal(await store.devices.invocationCounter("E1"), 9);
    });

    it("have their keys worked on by one run at a time, for as long as it has its lease", async () => {
      await load([entry("E1")]);
      await store.requests.accept({ request: newRequest("a"), entries: [] });
      await store.requests.accept({ request: newRequest("b", { device: "E2" }), entries: [] });
      const { requests } = await store.requests.claim({ worker: "w", leaseMs: 60_000, limit: 2 });
      const [first, second] = ["a", "b"].map((correlationUid) => ({ correlationUid, attempt: 1 }));
      assert.equal(await store.devices.startKeyProcessing("E1", first!), true);
      assert.equal(await store.devices.startKeyProcessing("E1", first!), true);
      assert.equal(await store.devices.startKeyProcessing("E1", second!), false);
      await store.devices.endKeyProcessing("E1", second!);
      assert.equal(await store.devices.startKeyProcessing("E1", second!), false);
      await store.devices.endKeyProcessing("E1", first!);
      assert.equal(await store.devices.startKeyProcessing("E1", second!), true);

      // Its worker is killed, and the request goes to another attempt.
      const { id, attempt } = requests.find(({ correlationUid }) => correlationUid === "b")!;
      const retry = { to: "waiting", ending: "retried", dueMs: 0, priority: 4, retries: 1 } as const;
      await store.requests.settle({ id, attempt, state: "running" }, retry);
      assert.equal(await store.devices.startKeyProcessing("E1", first!), true);
    });

    it("have keys of applications beside them, the latest of each", async () => {
      await load([]);
      await store.devices.putApplicationKey("Utility", "ERP", "one", []);
      await store.devices.putApplicationKey("Utility", "ERP", "two", []);
      assert.equal(await store.devices.findApplicationKey("Utility", "ERP"), "two");
      assert.equal(await store.devices.findApplicationKey("Other", "ERP"), undefined);
    });
  });
}
