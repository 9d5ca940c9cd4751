import assert from "node:assert/strict";
import type { DlmsDevice } from "../../src/adapters/dlms/device.ts";
import type { Device, SecretType } from "../../src/domain/device.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import type { SealedSecret } from "../../src/store/secrets.ts";
import type { Store } from "../../src/store/store.ts";
import { logSize, newLogEntry, type OpenStore } from "./conformance.ts";

const MASTER: SecretType = "E_METER_MASTER_KEY";
const UNICAST: SecretType = "E_METER_ENCRYPTION_KEY_UNICAST";

export function plainDevice(identification: string, fields: Partial<DlmsDevice> = {}): Device {
  return {
    identification,
    family: "dlms",
    protocol: { name: "SMR", version: "5.2" },
    timezone: "Europe/Amsterdam",
    ...fields,
  };
}

export function sealedSecret(id: string, type: SecretType, device = "E1", kekId = "kek-1"): SealedSecret {
  return { id, device, type, kekId, wrappedKey: Uint8Array.of(1, 2), sealed: Uint8Array.of(3, 4, 5) };
}

/** What secrets do in every store. */
export function describeSecrets(name: string, open: OpenStore): void {
  describe(`secrets over ${name}`, () => {
    let store: Store;

    beforeEach(async () => {
      store = await open(new ManualClock(1000));
      const devices = [{ device: plainDevice("E1"), authorisations: [], secrets: [] }];
      await store.devices.import({ organisations: [], devices, replaceKeys: false, nowMs: 1000, evidence: [] });
    });

    afterEach(() => store.close());

    const readAll = (types: readonly SecretType[], state: "NEW" | "ACTIVE" = "ACTIVE") => {
      const common = { readMs: 1000, device: "E1", state, purpose: "test", correlationUid: "uid" };
      return store.secrets.read(
        types.map((type) => ({ ...common, type })),
        newLogEntry("read"),
      );
    };
    const read = async (type: SecretType, state: "NEW" | "ACTIVE" = "ACTIVE") => {
      const result = await readAll([type], state);
      return "secrets" in result ? result.secrets[0] : undefined;
    };

    it("give back what was put in, and write down who read it", async () => {
      const secret = sealedSecret("s1", UNICAST);
      await store.secrets.insertActive([secret], 1000);
      assert.deepEqual(await read(UNICAST), secret);
      assert.equal(await read(MASTER), undefined);
      assert.deepEqual(await store.secrets.reads("E1"), [
        { readMs: 1000, secretId: "s1", device: "E1", type: UNICAST, purpose: "test", correlationUid: "uid" },
      ]);
      assert.equal(await logSize(store), 1, "evidence of the one that was there");
    });

    it("are read together or not at all, with one piece of evidence", async () => {
      const [unicast, password] = [sealedSecret("s1", UNICAST), sealedSecret("s2", "LLS_PASSWORD")];
      await store.secrets.insertActive([password, unicast], 1000);
      assert.deepEqual(await readAll([UNICAST, MASTER]), { missing: MASTER });
      assert.deepEqual(await store.secrets.reads("E1"), []);
      assert.deepEqual(await readAll([UNICAST, "LLS_PASSWORD"]), { secrets: [unicast, password] });
      assert.deepEqual(
        (await store.secrets.reads("E1")).map(({ secretId }) => secretId),
        ["s1", "s2"],
      );
      await store.messageLog.sequence(10);
      assert.equal(await store.messageLog.size(), 1);
    });

    it("become active together or not at all", async () => {
      await store.secrets.insertActive([sealedSecret("old", UNICAST)], 1000);
      await store.secrets.insertNew([sealedSecret("new", UNICAST)], 1000, "uid/0");
      assert.equal(await store.secrets.activate("E1", [UNICAST, MASTER], 2000), MASTER);
      assert.equal((await read(UNICAST))?.id, "old");
      assert.equal(await store.secrets.activate("E1", [UNICAST], 2000), undefined);
      assert.equal((await read(UNICAST))?.id, "new");
      assert.deepEqual(await store.secrets.broughtBy("E1", "uid/0"), [{ type: UNICAST, state: "ACTIVE" }]);
    });

    it("that are new take the place of new ones, and active ones that of both", async () => {
      await store.secrets.insertNew([sealedSecret("first", UNICAST)], 1000, "uid/0");
      await store.secrets.insertNew([sealedSecret("second", UNICAST)], 1000, null);
      assert.equal((await read(UNICAST, "NEW"))?.id, "second");
      assert.deepEqual(await store.secrets.broughtBy("E1", "uid/0"), [{ type: UNICAST, state: "WITHDRAWN" }]);
      await store.secrets.insertActive([sealedSecret("third", UNICAST)], 1000);
      assert.deepEqual(await store.secrets.typesIn("E1", "NEW"), []);
      assert.deepEqual(await store.secrets.typesIn("E1", "ACTIVE"), [UNICAST]);
    });

    it("are stored all or none", async () => {
      const twice = [sealedSecret("a", UNICAST), sealedSecret("a", MASTER)];
      await assert.rejects(store.secrets.insertNew(twice, 1000, null), { code: "SERVICE_BUSY" });
      assert.deepEqual(await store.secrets.typesIn("E1", "NEW"), []);
    });

    it("are found by the key that wraps them, and wrapped anew", async () => {
      await store.secrets.insertActive(
        [sealedSecret("a", UNICAST, "E1", "kek-1"), sealedSecret("b", MASTER, "E1", "kek-2")],
        1000,
      );
      assert.deepEqual((await store.secrets.kekIds()).sort(), ["kek-1", "kek-2"]);
      const [found, ...more] = await store.secrets.notWrappedBy("kek-2", 10, "");
      assert.deepEqual([found?.id, more.length], ["a", 0]);
      assert.deepEqual(await store.secrets.notWrappedBy("kek-2", 10, "a"), []);
      const walked = await store.secrets.notWrappedBy("kek-3", 1, "a");
      assert.deepEqual(
        walked.map(({ id }) => id),
        ["b"],
      );
      await store.secrets.rewrap([{ id: "a", kekId: "kek-2", wrappedKey: Uint8Array.of(9) }], []);
      assert.deepEqual(await store.secrets.kekIds(), ["kek-2"]);
      assert.deepEqual([...(await read(UNICAST))!.wrappedKey], [9]);
    });
  });
}
