import assert from "node:assert/strict";
import { SystemEvents } from "../../src/events/system-events.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { seededRandom } from "../../src/simulators/dlms/random.ts";
import { openTemporaryStore, type TemporaryStore } from "../store/temporary-store.ts";

const CALLER = { organisation: "Utility", userName: "clerk", applicationName: "ERP" };
const DAY_MS = 86_400_000;

describe("what the platform notices of devices", () => {
  let store: TemporaryStore;
  let clock: ManualClock;
  let events: SystemEvents;

  beforeEach(async () => {
    clock = new ManualClock(Date.UTC(2026, 0, 15));
    store = await openTemporaryStore(clock);
    events = new SystemEvents({
      events: store.systemEvents,
      ownerOf: async (device) => (device === "E1" ? "Utility" : undefined),
      clock,
      random: seededRandom("events"),
    });
  });
  afterEach(() => store.close());

  it("is kept for the owner, who alone can fetch it", async () => {
    const event = await events.counterNearsEnd("E1", 2_000_000_007);
    assert.ok(event);
    assert.match(event.correlationUid, /^[0-9a-f]{32}$/);
    assert.match(event.reason, /E1 is 2000000007/);
    const { correlationUid } = event;
    assert.deepEqual(await events.fetch({ caller: CALLER, device: "E1", correlationUid }), event);
    for (const other of [
      { caller: { ...CALLER, organisation: "Other" }, device: "E1", correlationUid },
      { caller: CALLER, device: "E2", correlationUid },
      { caller: CALLER, device: "E1", correlationUid: "0".repeat(32) },
    ]) {
      await assert.rejects(events.fetch(other), { code: "UNKNOWN_CORRELATION_UID" });
    }
  });

  it("is told once a day, however often it is noticed, and not of a device that is nobody's", async () => {
    assert.ok(await events.counterNearsEnd("E1", 2_000_000_000));
    clock.advance(DAY_MS - 1);
    assert.equal(await events.counterNearsEnd("E1", 2_000_000_016), undefined);
    clock.advance(2);
    assert.ok(await events.counterNearsEnd("E1", 2_000_000_032));
    assert.equal(await events.counterNearsEnd("E2", 2_000_000_000), undefined);
  });
});
