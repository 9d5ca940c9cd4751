import assert from "node:assert/strict";
import { asOctets, cosem } from "../../../../src/dlms/data.ts";
import { fromHex, toHex } from "../../../../src/lib/bytes.ts";
import { parseObis } from "../../../../src/lib/obis.ts";
import { get, invoke, meterUnderTest, set, value } from "../test-meter.ts";

const TIME = "8/0.0.1.0.0.255/2";
const octets = (hex: string) => cosem.octetString(fromHex(hex));
const time = (meter: Parameters<typeof value>[0]) => toHex(asOctets(value(meter, TIME)));

describe("the clock of a simulated meter", () => {
  it("shows local winter time with a deviation of -60 minutes and no daylight saving", () => {
    const { meter } = meterUnderTest();
    assert.equal(time(meter), "07EA010F040D000000FFC400");
  });

  it("shows local summer time with a deviation of -120 minutes and the daylight saving bit", () => {
    const { meter } = meterUnderTest({}, Date.UTC(2026, 6, 1, 12, 0, 0));
    assert.equal(time(meter), "07EA0701030E000000FF8880");
  });

  it("changes to summer time on the last Sunday of March at 01:00 UTC, and back in October", () => {
    const { meter, clock } = meterUnderTest({}, Date.UTC(2026, 2, 29, 0, 59, 59));
    assert.equal(time(meter), "07EA031D07013B3B00FFC400");
    clock.advance(1000);
    assert.equal(time(meter), "07EA031D0703000000FF8880");
    clock.advance(Date.UTC(2026, 9, 25, 1, 0, 0) - clock.now());
    assert.equal(time(meter), "07EA0A190702000000FFC400");
  });

  it("runs on from the time it was set to", () => {
    const { meter, clock } = meterUnderTest();
    assert.equal(set(meter, TIME, octets("07EA0110FF0A1E0000FFC400")), "success");
    clock.advance(61_000);
    assert.equal(time(meter), "07EA0110050A1F0100FFC400");
  });

  it("refuses with other-reason a time in a zone that it is not configured for", () => {
    const { meter } = meterUnderTest();
    assert.equal(set(meter, TIME, octets("07EA010FFF0C000000000000")), "other-reason");
    assert.equal(time(meter), "07EA010F040D000000FFC400");
  });

  it("refuses a winter time that claims daylight saving, by deviation or by status", () => {
    const { meter } = meterUnderTest();
    assert.equal(set(meter, TIME, octets("07EA010FFF0E000000FF8880")), "other-reason");
    assert.equal(set(meter, TIME, octets("07EA010FFF0D000000FFC480")), "other-reason");
  });

  it("takes a time without deviation and status as its own local time", () => {
    const { meter } = meterUnderTest();
    assert.equal(set(meter, TIME, octets("07EA0701FF0E00000080 00FF")), "success");
    assert.equal(time(meter), "07EA0701030E000000FF8880");
  });

  it("refuses what names no moment and what is no octet-string of 12", () => {
    const { meter } = meterUnderTest();
    assert.equal(set(meter, TIME, octets("FFFF010FFF0C000000FFC400")), "other-reason");
    assert.equal(set(meter, TIME, octets("07EA021EFF0C000000FFC400")), "other-reason");
    assert.equal(set(meter, TIME, octets("FFFE0C1FFF17000000FFC400")), "other-reason");
    assert.equal(set(meter, TIME, octets("07EA010FFF")), "type-unmatched");
    assert.equal(set(meter, TIME, { type: "date-time", value: fromHex("07EA010FFF0D000000FFC400") }), "type-unmatched");
  });

  it("judges the next time by a configuration that was changed", () => {
    const { meter } = meterUnderTest();
    assert.equal(set(meter, "8/0.0.1.0.0.255/3", cosem.long(0)), "success");
    assert.equal(set(meter, "8/0.0.1.0.0.255/8", cosem.boolean(false)), "success");
    assert.equal(set(meter, TIME, octets("07EA0701FF0C000000000000")), "success");
    assert.equal(time(meter), "07EA0701030C000000000000");
  });

  it("refuses a zone more than 12 hours and a daylight saving more than 2 hours away", () => {
    const { meter } = meterUnderTest();
    assert.equal(set(meter, "8/0.0.1.0.0.255/3", cosem.long(721)), "other-reason");
    assert.equal(set(meter, "8/0.0.1.0.0.255/3", cosem.long(-720)), "success");
    assert.equal(set(meter, "8/0.0.1.0.0.255/7", cosem.integer(-121)), "other-reason");
  });

  it("shifts by seconds and adjusts to the quarter of an hour", () => {
    const { meter } = meterUnderTest();
    assert.equal(invoke(meter, "8/0.0.1.0.0.255/6", cosem.long(-120)), "success");
    assert.equal(time(meter), "07EA010F040C3A0000FFC400");
    assert.equal(invoke(meter, "8/0.0.1.0.0.255/1", cosem.integer(0)), "success");
    assert.equal(time(meter), "07EA010F040D000000FFC400");
  });

  it("is moved by an operator past what it would refuse from a client", () => {
    const { meter } = meterUnderTest();
    meter.write(8, parseObis("0.0.1.0.0.255"), 2, octets("07EA010FFF0C000000000000"));
    assert.equal(time(meter), "07EA010F040D000000FFC400");
    meter.write(8, parseObis("0.0.1.0.0.255"), 2, octets("07EA010FFF00000000000000"));
    assert.equal(time(meter), "07EA010F0401000000FFC400");
  });

  it("names what cannot be read or written", () => {
    const { meter } = meterUnderTest();
    assert.deepEqual(get(meter, "8/0.0.1.0.0.254/2"), { error: "object-undefined" });
    assert.deepEqual(get(meter, "1/0.0.1.0.0.255/2"), { error: "object-class-inconsistent" });
    assert.deepEqual(get(meter, "8/0.0.1.0.0.255/99"), { error: "read-write-denied" });
    assert.equal(set(meter, "8/0.0.1.0.0.255/4", cosem.unsigned(0)), "read-write-denied");
    assert.equal(set(meter, "8/0.0.1.0.0.255/1", octets("0000010000FF")), "read-write-denied");
  });
});
