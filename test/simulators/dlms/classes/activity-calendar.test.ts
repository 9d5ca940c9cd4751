import assert from "node:assert/strict";
import { type CosemData, cosem } from "../../../../src/dlms/data.ts";
import { fromHex } from "../../../../src/lib/bytes.ts";
import { parseObis } from "../../../../src/lib/obis.ts";
import { invoke, meterUnderTest, NOON_MS, set, value } from "../test-meter.ts";

const CALENDAR = "20/0.0.13.0.0.255";
const octets = (hex: string) => cosem.octetString(fromHex(hex));

const NAME = cosem.octetString(new Uint8Array(Buffer.from("SUMMER")));
const SEASONS = cosem.array([
  cosem.structure([octets("01"), octets("FFFF0101FF00000000FFC400"), octets("01")]),
  cosem.structure([octets("02"), octets("FFFF0701FF00000000FF8880"), octets("02")]),
]);
const WEEKS = cosem.array([
  cosem.structure([octets("01"), ...Array.from({ length: 7 }, () => cosem.unsigned(0))]),
  cosem.structure([octets("02"), ...Array.from({ length: 7 }, () => cosem.unsigned(1))]),
]);
const action = (time: string, selector: number): CosemData =>
  cosem.structure([octets(time), cosem.logicalName(parseObis("0.0.10.0.100.255")), cosem.longUnsigned(selector)]);
const DAYS = cosem.array([
  cosem.structure([cosem.unsigned(0), cosem.array([action("06000000", 2), action("16000000", 1)])]),
  cosem.structure([cosem.unsigned(1), cosem.array([action("00000000", 1)])]),
]);
const PASSIVE = [NAME, SEASONS, WEEKS, DAYS];

function writePassive(meter: Parameters<typeof set>[0]): void {
  for (const [i, part] of PASSIVE.entries()) assert.equal(set(meter, `${CALENDAR}/${6 + i}`, part), "success");
}

function active(meter: Parameters<typeof value>[0]): CosemData[] {
  return [2, 3, 4, 5].map((attribute) => value(meter, `${CALENDAR}/${attribute}`));
}

describe("the activity calendar of a simulated meter", () => {
  it("keeps the active calendar until the passive one is activated by method 1", () => {
    const { meter } = meterUnderTest();
    const before = active(meter);
    writePassive(meter);
    assert.deepEqual(active(meter), before);
    assert.equal(invoke(meter, `${CALENDAR}/1`, cosem.integer(0)), "success");
    assert.deepEqual(active(meter), PASSIVE);
  });

  it("activates the passive calendar when attribute 10's time has come, and not before", () => {
    const { meter, clock } = meterUnderTest();
    const before = active(meter);
    writePassive(meter);
    // 14:00 local time, one hour ahead
    assert.equal(set(meter, `${CALENDAR}/10`, octets("07EA010FFF0E000000FFC400")), "success");
    clock.advance(3_599_999);
    assert.deepEqual(active(meter), before);
    clock.advance(1);
    assert.deepEqual(active(meter), PASSIVE);
    assert.deepEqual(value(meter, `${CALENDAR}/10`), octets("FFFFFFFFFFFFFFFFFF800000"));
    assert.equal(clock.now(), NOON_MS + 3_600_000);
  });

  it("activates what was passive when the time came, not what was written later", () => {
    const { meter, clock } = meterUnderTest();
    writePassive(meter);
    set(meter, `${CALENDAR}/10`, octets("07EA010FFF0E000000FFC400"));
    clock.advance(7_200_000);
    assert.equal(set(meter, `${CALENDAR}/6`, octets("4E455854")), "success");
    assert.deepEqual(value(meter, `${CALENDAR}/2`), NAME);
    assert.deepEqual(value(meter, `${CALENDAR}/6`), octets("4E455854"));
  });

  it("takes an activation time of wildcards as never, and refuses one with some wildcards", () => {
    const { meter } = meterUnderTest();
    assert.equal(set(meter, `${CALENDAR}/10`, octets("FFFFFFFFFFFFFFFFFF800000")), "success");
    assert.equal(set(meter, `${CALENDAR}/10`, octets("FFFF0101FF0000000000C400")), "other-reason");
  });

  it("refuses a week that lacks a day, a name that is no octet-string, and a fifth season", () => {
    const { meter } = meterUnderTest();
    const short = cosem.array([cosem.structure([octets("01"), cosem.unsigned(0)])]);
    assert.equal(set(meter, `${CALENDAR}/8`, short), "type-unmatched");
    assert.equal(set(meter, `${CALENDAR}/6`, cosem.visibleString("SUMMER")), "type-unmatched");
    const season = cosem.structure([octets("01"), octets("FFFF0101FF00000000FFC400"), octets("01")]);
    assert.equal(set(meter, `${CALENDAR}/7`, cosem.array(Array.from({ length: 5 }, () => season))), "type-unmatched");
  });

  it("does not let the active calendar be written", () => {
    const { meter } = meterUnderTest();
    assert.equal(set(meter, `${CALENDAR}/2`, NAME), "read-write-denied");
  });
});
