import assert from "node:assert/strict";
import { KeyProcessing } from "../../src/devices/key-processing.ts";
import { newRequest } from "../store/new-request.ts";
import { METER, meterEntry, ORGANISATIONS, openParts, type Parts } from "./parts.ts";

describe("key processing", () => {
  let parts: Parts;
  let processing: KeyProcessing;
  const runs = ["a", "b", "c"].map((correlationUid) => ({ correlationUid, attempt: 1 }));

  beforeEach(async () => {
    parts = await openParts();
    await parts.load({ organisations: ORGANISATIONS, devices: [meterEntry()] });
    processing = new KeyProcessing(parts.store.devices);
    for (const { correlationUid } of runs) {
      await parts.store.requests.accept({
        request: newRequest(correlationUid, { device: correlationUid }),
        entries: [],
      });
    }
    await parts.store.requests.claim({ worker: "w", leaseMs: 60_000, limit: 3 });
  });

  afterEach(() => parts.close());

  it("lets one of many that ask at once begin, and the next one when it has ended", async () => {
    const asked = await Promise.all(runs.map((run) => processing.acquire(METER, run)));
    const [release, ...more] = asked.filter((given) => given !== null);
    assert.ok(release);
    assert.deepEqual(more, []);
    await release();
    assert.ok(await processing.acquire(METER, runs[1]!));
  });

  it("lasts for hours while its run does, and ends with its run's lease", async () => {
    const [first, second] = [runs[0]!, runs[1]!];
    await processing.acquire(METER, first);
    parts.clock.advance(2 * 3_600_000);
    assert.equal(await processing.acquire(METER, second), null);
    const request = (await parts.store.requests.find("a"))!;
    const retry = { to: "waiting", ending: "retried", dueMs: 0, priority: 4, retries: 1 } as const;
    await parts.store.requests.settle({ id: request.id, attempt: 1, state: "running" }, retry);
    assert.ok(await processing.acquire(METER, second));
  });
});
