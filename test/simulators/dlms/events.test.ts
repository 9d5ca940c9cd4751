import assert from "node:assert/strict";
import { asElements, asNumber, asOctets, cosem } from "../../../src/dlms/data.ts";
import { dateTimeToEpochMs, decodeDateTime } from "../../../src/dlms/date-time.ts";
import { fromHex } from "../../../src/lib/bytes.ts";
import { behaviourFromJson } from "../../../src/simulators/dlms/behaviour-catalogue.ts";
import { logPowerFailure } from "../../../src/simulators/dlms/events.ts";
import type { Meter } from "../../../src/simulators/dlms/meter.ts";
import { invoke, meterUnderTest, NOON_MS, set, value } from "./test-meter.ts";

const LOGS = { standard: "0.0.99.98.0.255", fraud: "0.0.99.98.1.255", auxiliary: "0.0.99.98.6.255" } as const;
const OUTAGES = "1.0.99.97.0.255";

/** Time, from noon in seconds, and code of the latest entries. */
function latest(meter: Meter, logicalName: string, count: number): [seconds: number, code: number][] {
  const rows = asElements(value(meter, `7/${logicalName}/2`)).slice(-count);
  return rows.map((row) => {
    const [time, code] = asElements(row);
    const timeMs = dateTimeToEpochMs(decodeDateTime(asOctets(time!)))!;
    return [(timeMs - NOON_MS) / 1000, asNumber(code!)];
  });
}

describe("the logs of a simulated meter", () => {
  it("tell when the power went and came back, and keep long failures with their durations", () => {
    const { meter, clock } = meterUnderTest({ profile: "smr5.1" });
    clock.advance(1000_000);
    logPowerFailure(meter, 179);
    assert.deepEqual(latest(meter, LOGS.standard, 2), [
      [821, 1],
      [1000, 2],
    ]);
    const before = latest(meter, OUTAGES, 10);
    logPowerFailure(meter, 180);
    assert.deepEqual(latest(meter, OUTAGES, 10), [...before.slice(1), [1000, 180]]);
  });

  it("tell that the meter was configured otherwise", () => {
    for (const [profile, flags] of [
      ["dsmr4.2.2", cosem.structure([cosem.enum(1), cosem.bitString(fromHex("0000"))])],
      ["smr5.5", cosem.bitString(fromHex("0000"))],
    ] as const) {
      const { meter } = meterUnderTest({ profile });
      assert.equal(set(meter, "1/0.1.94.31.3.255/2", flags), "success");
      assert.deepEqual(latest(meter, LOGS.fraud, 1), [[0, 47]]);
      assert.equal(asNumber(value(meter, "1/0.0.96.11.1.255/2")), 47);
    }
  });

  it("tell of keys that went to the device on an M-Bus channel, and whether it took them", () => {
    const { meter } = meterUnderTest({ profile: "smr5.1" });
    assert.equal(invoke(meter, "72/0.1.24.1.0.255/8", cosem.octetString(new Uint8Array(30))), "success");
    assert.deepEqual(latest(meter, LOGS.auxiliary, 1), [[0, 0x80a0]]);
  });

  it("are without entries when the meter is told so", () => {
    const { meter } = meterUnderTest({ profile: "smr5.1" });
    const behaviour = behaviourFromJson({ name: "profile-empty" });
    const reference = { classId: 7, logicalName: LOGS.standard as never, attribute: 2 };
    const told = { data: value(meter, `7/${LOGS.standard}/2`) };
    assert.deepEqual(behaviour.read?.(told, reference, meter), { data: cosem.array([]) });
  });
});
