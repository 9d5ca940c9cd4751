import assert from "node:assert/strict";
import { localMidnights } from "../../src/lib/time-zone.ts";

const AMSTERDAM = "Europe/Amsterdam";
const iso = (moments: readonly number[]) => moments.map((ms) => new Date(ms).toISOString());

describe("midnights in a time zone", () => {
  it("are 23 or 25 hours apart where clocks change", () => {
    const days = (from: string, to: string) =>
      iso(localMidnights(AMSTERDAM, Date.parse(from), Date.parse(to), "days", 100));
    assert.deepEqual(days("2026-03-28T23:00:00Z", "2026-03-30T22:00:00Z"), [
      "2026-03-28T23:00:00.000Z",
      "2026-03-29T22:00:00.000Z",
      "2026-03-30T22:00:00.000Z",
    ]);
    assert.deepEqual(days("2026-10-24T22:00:00Z", "2026-10-26T22:59:59Z"), [
      "2026-10-24T22:00:00.000Z",
      "2026-10-25T23:00:00.000Z",
    ]);
  });

  it("begin months of their own lengths", () => {
    const months = localMidnights(AMSTERDAM, Date.UTC(2026, 0, 15), Date.UTC(2026, 4, 1), "months", 100);
    assert.deepEqual(iso(months), [
      "2026-01-31T23:00:00.000Z",
      "2026-02-28T23:00:00.000Z",
      "2026-03-31T22:00:00.000Z",
      "2026-04-30T22:00:00.000Z",
    ]);
  });

  it("are as many as may be", () => {
    assert.equal(localMidnights("UTC", 0, Date.UTC(9999, 0, 1), "days", 7).length, 7);
  });
});
