import assert from "node:assert/strict";
import { KEY_PROCESSING_STALE_MS, KeyProcessing } from "../../src/devices/key-processing.ts";
import { METER, meterEntry, ORGANISATIONS, openParts, type Parts } from "./parts.ts";

describe("key processing", () => {
  let parts: Parts;
  let processing: KeyProcessing;

  beforeEach(async () => {
    parts = await openParts();
    await parts.load({ organisations: ORGANISATIONS, devices: [meterEntry()] });
    processing = new KeyProcessing(parts.store.devices, parts.clock);
  });

  afterEach(() => parts.close());

  it("lets one of many that ask at once begin, and the next one when it has ended", async () => {
    const asked = await Promise.all([1, 2, 3].map(() => processing.acquire(METER)));
    const [release, ...more] = asked.filter((given) => given !== null);
    assert.ok(release);
    assert.deepEqual(more, []);
    await release();
    assert.ok(await processing.acquire(METER));
  });

  it("gives up on one that has not ended after five minutes, whose end then changes nothing", async () => {
    const releaseOld = await processing.acquire(METER);
    parts.clock.advance(KEY_PROCESSING_STALE_MS - 1);
    assert.equal(await processing.acquire(METER), null);
    parts.clock.advance(1);
    assert.ok(await processing.acquire(METER));
    await releaseOld?.();
    assert.equal(await processing.acquire(METER), null);
  });
});
