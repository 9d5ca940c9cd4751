import assert from "node:assert/strict";
import { chmodSync, copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { openKeyVault } from "../../src/devices/key-vault.ts";
import { PlatformKeys, sealKey } from "../../src/devices/platform-keys.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { MessageLog } from "../../src/message-log/message-log.ts";
import { growLog } from "../../src/message-log/sequencer.ts";
import { verifyMessageLog } from "../../src/message-log/verify.ts";
import { RequestQueue } from "../../src/requests/queue.ts";
import { Results } from "../../src/requests/results.ts";
import { DEFAULT_RETRY_POLICY } from "../../src/requests/settle.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { newRequest } from "./new-request.ts";

const FIXTURES = new URL("../fixtures/databases/", import.meta.url);
const UNICAST = "E_METER_ENCRYPTION_KEY_UNICAST";
const SMR5 = "TEST1027000000001";
const CALLER = { organisation: "test-org", userName: "clerk", applicationName: "ERP" };
/** When the release was stopped. */
const STOPPED_MS = Date.UTC(2026, 5, 1, 12, 10, 9, 500);

for (const release of readdirSync(FIXTURES)) {
  describe(`a data directory that release ${release} wrote`, () => {
    const folder = new URL(`${release}/`, FIXTURES);
    const uids: Record<string, string> = JSON.parse(readFileSync(new URL("requests.json", folder), "utf8"));
    let dataDirectory: string;
    let store: Store;
    let clock: ManualClock;

    beforeEach(async () => {
      dataDirectory = mkdtempSync(join(tmpdir(), "metergate-upgrade-"));
      writeFileSync(join(dataDirectory, "metergate.db"), gunzipSync(readFileSync(new URL("metergate.db.gz", folder))));
      for (const name of ["vault.key", "platform-key.pem"]) {
        copyFileSync(new URL(name, folder), join(dataDirectory, name));
        chmodSync(join(dataDirectory, name), 0o600);
      }
      clock = new ManualClock(STOPPED_MS);
      store = await openStore({ dataDirectory, clock });
    });

    afterEach(async () => {
      await store.close();
      rmSync(dataDirectory, { recursive: true });
    });

    const openVault = () =>
      openKeyVault({
        ...{ secrets: store.secrets, keyFile: join(dataDirectory, "vault.key") },
        ...{ clock, random: systemRandom },
      });
    const fetch = (name: string, operation: string, device: string) =>
      new Results(store.requests, new MessageLog(store.messageLog, clock)).fetch({
        caller: CALLER,
        operation,
        device,
        correlationUid: uids[name]!,
      } as never);

    it("gives the results of what had ended", async () => {
      const done = { ok: true, result: { text: "done" } };
      const single = await fetch("succeeded", "SynchronizeTime", "TEST1052000000001");
      assert.deepEqual(single, { actions: [done] });
      assert.deepEqual(await fetch("bundle", "Bundle", "TEST1051000000001"), { actions: [done, done] });
      const failed = await fetch("failed", "GetFirmwareVersion", "TEST1055000000001");
      assert.equal("error" in failed && failed.error.code, "CONNECTION_REFUSED");
      const [attempts] = [await store.requests.attempts((await store.requests.find(uids.failed!))!.id)];
      assert.deepEqual(
        attempts.map(({ ending }) => ending),
        ["retried", "retried", "failed"],
      );
    });

    it("goes on with what ran and what waited, each at its time", async () => {
      const queue = new RequestQueue(store.requests, clock, DEFAULT_RETRY_POLICY);
      const ends = new Map<string, string>();
      const runAll = async () => {
        const { requests } = await queue.claim("present", 10, 60_000);
        for (const request of requests) {
          const outcomes = request.outcomes.map((outcome) => outcome ?? { ok: true as const, result: {} });
          const settled = await queue.settle(request, outcomes, { kind: "ran" });
          ends.set(request.correlationUid, settled.kind === "finished" ? settled.request.state : settled.kind);
        }
        return requests.map(({ correlationUid }) => correlationUid);
      };
      assert.deepEqual(await runAll(), [uids.waitingReady]);
      // The release's worker is gone.
      for (const lease of await queue.leases()) assert.equal((await queue.rescue(lease))?.settled.kind, "put-back");
      assert.deepEqual((await runAll()).sort(), [uids.running, uids.bundleHalfDone].sort());
      assert.deepEqual(await runAll(), [uids.parked]);
      clock.advance(10 * 86_400_000);
      assert.deepEqual(await runAll(), [uids.later]);
      assert.deepEqual([...new Set(ends.values())], ["succeeded"]);
      const half = await fetch("bundleHalfDone", "Bundle", "TEST1024000000001");
      assert.deepEqual("actions" in half && half.actions[0], { ok: true, result: { text: "done" } });
    });

    it("opens the keys, and goes on counting", async () => {
      const vault = await openVault();
      const reader = { purpose: "test" };
      for (const key of [await vault.getActive(SMR5, UNICAST, reader), await vault.getNew(SMR5, UNICAST, reader)]) {
        assert.equal(key?.length, 16);
      }
      assert.deepEqual(await vault.broughtBy(SMR5, "fixture/0"), [{ type: UNICAST, state: "NEW" }]);
      await vault.rotate();
      assert.equal((await vault.getActive(SMR5, UNICAST, reader))?.length, 16);
      assert.equal(await store.devices.addToInvocationCounter(SMR5, 16, 2 ** 32, null), 4112);
      const platform = await PlatformKeys.open(dataDirectory);
      const key = new Uint8Array(16).fill(7);
      assert.deepEqual(platform.openKey(sealKey(platform.publicKey, key)), key);
      assert.ok(await store.devices.findApplicationKey("test-org", "ERP"));
    });

    it("still has devices, firmware, pushes and message ids", async () => {
      assert.equal(await store.devices.count("test-org"), 8);
      assert.equal((await store.firmware.find("IMAGE-1"))?.image.length, 1000);
      assert.equal((await store.firmware.transfer(SMR5))?.blocksDone, 3);
      assert.equal((await store.pushes.list(10)).length, 1);
      const request = newRequest("new", { caller: CALLER });
      const again = { request, message: { id: "message-1", bodySha256: "another" }, entries: [] };
      assert.deepEqual(await store.requests.accept(again), { kind: "conflict" });
    });

    it("has a log that verifies, and takes more", async () => {
      await growLog(store.messageLog);
      assert.deepEqual(await verifyMessageLog(store.messageLog), { entries: 17, findings: [] });
      const own = await store.messageLog.find({ correlationUid: uids.succeeded! }, 0, 9);
      assert.deepEqual(
        own.map(({ leaf: { version, direction, class: name } }) => [version, direction, name]),
        [
          [1, "in", "message"],
          [1, "out", "message"],
        ],
      );
      const log = new MessageLog(store.messageLog, clock);
      await log.append({ direction: "in", service: "s", operation: "o", body: new Uint8Array(3) });
      await growLog(store.messageLog);
      assert.deepEqual(await verifyMessageLog(store.messageLog), { entries: 18, findings: [] });
      assert.equal((await store.messageLog.positions()).integrated, 18);
    });
  });
}
