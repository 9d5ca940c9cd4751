import assert from "node:assert/strict";
import {
  type CaptureStep,
  type CaptureTime,
  CaptureTimes,
  type TimeOrder,
} from "../../../../src/adapters/dlms/readings/capture-time.ts";
import { cosem } from "../../../../src/dlms/data.ts";
import { type CosemDateTime, dateTimeFromEpochMs, encodeDateTime } from "../../../../src/dlms/date-time.ts";
import { fromHex } from "../../../../src/lib/bytes.ts";

const ZONES = [
  "Europe/Amsterdam",
  "Asia/Beirut",
  "America/Havana",
  "America/New_York",
  "Australia/Lord_Howe",
  "Asia/Kolkata",
];
const QUARTER_MS = 900_000;

/** Quarters of an hour around both clock changes of 2026 in each of the zones. */
function quarters(): number[] {
  const days = ["2026-03-07", "2026-03-28", "2026-04-04", "2026-10-03", "2026-10-24", "2026-10-31"];
  return days.flatMap((day) => Array.from({ length: 288 }, (_, i) => Date.parse(`${day}T00:00:00Z`) + i * QUARTER_MS));
}

/** The instants read from times that a meter sends without the fields of `untold`. */
function received(times: readonly CosemDateTime[], timeZone: string, untold: Partial<CosemDateTime>, order: TimeOrder) {
  const reader = new CaptureTimes(timeZone, order);
  let previous: CaptureTime | undefined;
  return times.map((time) => {
    previous = reader.decode(cosem.octetString(encodeDateTime({ ...time, ...untold })), previous);
    return previous?.epochMs;
  });
}

describe("the time of an entry", () => {
  const cases = ZONES.flatMap((zone) => [[zone, 1] as const, [zone, 4] as const]);
  for (const [zone, every] of cases) {
    // Which half past one it is on Lord Howe Island, whose clock changes by half an hour, nothing tells between hours.
    if (zone === "Australia/Lord_Howe" && every === 4) continue;
    const period = every === 1 ? "quarters of an hour" : "hours";
    it(`is the one at which it was captured in ${period} through both clock changes in ${zone}, whatever the meter tells`, () => {
      const times = quarters().filter((_, i) => i % every === 0);
      const sent = times.map((time) => dateTimeFromEpochMs(time, zone));
      const left = [{}, { deviationMinutes: undefined }, { clockStatus: undefined }];
      for (const untold of [...left, { deviationMinutes: undefined, clockStatus: undefined }]) {
        assert.deepEqual(received(sent, zone, untold, "ascending"), times);
        assert.deepEqual(received([...sent].reverse(), zone, untold, "descending"), [...times].reverse());
      }
    });
  }

  it("tells half past two from the other half past two in the night that the clock goes back", () => {
    const zone = "Europe/Amsterdam";
    const at = (octets: string) => new CaptureTimes(zone).decode(cosem.octetString(fromHex(octets)));
    assert.deepEqual(at("07EA0A1907021E0000FF8880"), {
      epochMs: Date.parse("2026-10-25T00:30:00Z"),
      deviationMinutes: -120,
      clockStatus: 0x80,
    });
    assert.deepEqual(at("07EA0A1907021E0000FFC400"), {
      epochMs: Date.parse("2026-10-25T01:30:00Z"),
      deviationMinutes: -60,
      clockStatus: 0,
    });
    assert.equal(at("07EA0A1907021E0000800080")?.epochMs, Date.parse("2026-10-25T00:30:00Z"));
    assert.equal(at("07EA0A1907021E0000800000")?.epochMs, Date.parse("2026-10-25T01:30:00Z"));
  });

  it("is unknown when it was left out or names no instant, and refused when it is none", () => {
    const inUtc = new CaptureTimes("UTC");
    assert.equal(inUtc.decode(cosem.nullData()), undefined);
    assert.equal(inUtc.decode(cosem.octetString(fromHex("FFFFFFFFFFFFFFFFFF8000FF"))), undefined);
    assert.equal(inUtc.decode(cosem.octetString(fromHex("07EA021EFF00000000000000"))), undefined);
    assert.throws(() => inUtc.decode(cosem.octetString(new Uint8Array(11))), { code: "remote/malformed" });
    assert.throws(() => inUtc.decode(cosem.unsigned(1)), { code: "remote/unexpected-type" });
  });
});

describe("the time of an entry that has none of its own", () => {
  const zone = "Europe/Amsterdam";
  const behind = (time: string, step: CaptureStep, order?: TimeOrder) =>
    new Date(new CaptureTimes(zone, order).next({ epochMs: Date.parse(time) }, step).epochMs).toISOString();

  it("is a capture period later, also where the clock changes", () => {
    assert.equal(behind("2026-03-29T00:45:00Z", 900), "2026-03-29T01:00:00.000Z");
    assert.equal(behind("2026-10-25T00:45:00Z", 3600), "2026-10-25T01:45:00.000Z");
    assert.equal(behind("2026-10-25T01:45:00Z", 3600, "descending"), "2026-10-25T00:45:00.000Z");
  });

  it("is the next day at the same time of day, of 23, 24 or 25 hours", () => {
    assert.equal(behind("2026-03-27T23:00:00Z", "day"), "2026-03-28T23:00:00.000Z");
    assert.equal(behind("2026-03-28T23:00:00Z", "day"), "2026-03-29T22:00:00.000Z");
    assert.equal(behind("2026-10-24T22:00:00Z", "day"), "2026-10-25T23:00:00.000Z");
    assert.equal(behind("2026-10-25T23:00:00Z", "day", "descending"), "2026-10-24T22:00:00.000Z");
    assert.equal(behind("2026-12-31T23:00:00Z", "day"), "2027-01-01T23:00:00.000Z");
  });

  it("is the next month on the same day, or its last where it is shorter", () => {
    assert.equal(behind("2026-02-28T23:00:00Z", "month"), "2026-03-31T22:00:00.000Z");
    assert.equal(behind("2026-11-30T23:00:00Z", "month"), "2026-12-31T23:00:00.000Z");
    assert.equal(behind("2026-12-31T23:00:00Z", "month", "descending"), "2026-11-30T23:00:00.000Z");
    assert.equal(behind("2028-01-31T11:00:00Z", "month"), "2028-02-29T11:00:00.000Z");
  });
});
