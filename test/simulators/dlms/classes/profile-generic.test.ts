import assert from "node:assert/strict";
import type { SelectiveAccess } from "../../../../src/dlms/apdu.ts";
import { asElements, asNumber, asOctets, type CosemData, cosem } from "../../../../src/dlms/data.ts";
import { fromHex, toHex } from "../../../../src/lib/bytes.ts";
import { parseObis } from "../../../../src/lib/obis.ts";
import type { Meter } from "../../../../src/simulators/dlms/meter.ts";
import { get, invoke, meterUnderTest, set, value } from "../test-meter.ts";

const INTERVALS = "7/1.0.99.1.0.255";
const octets = (hex: string) => cosem.octetString(fromHex(hex));
const definition = (classId: number, name: string, attribute: number) =>
  cosem.structure([
    cosem.longUnsigned(classId),
    cosem.logicalName(parseObis(name)),
    cosem.integer(attribute),
    cosem.longUnsigned(0),
  ]);
const CLOCK = definition(8, "0.0.1.0.0.255", 2);

function range(from: string, to: string, columns: readonly CosemData[] = []): SelectiveAccess {
  return { selector: 1, parameters: cosem.structure([CLOCK, octets(from), octets(to), cosem.array(columns)]) };
}

function rows(meter: Meter, object: string, access?: SelectiveAccess): (readonly CosemData[])[] {
  return asElements(value(meter, `${object}/2`, access)).map((row) => asElements(row));
}

describe("the profiles of a simulated meter", () => {
  it("hold quarter hours up to now, with energy that grows to the present register", () => {
    const { meter } = meterUnderTest();
    const all = rows(meter, INTERVALS);
    assert.equal(all.length, 960);
    assert.equal(toHex(asOctets(all.at(-1)![0]!)), "07EA010F040D000000FFC400");
    assert.equal(toHex(asOctets(all.at(-2)![0]!)), "07EA010F040C2D0000FFC400");
    const energies = all.map((row) => asNumber(row[2]!));
    assert.ok(energies.every((energy, i) => i === 0 || energy > energies[i - 1]!));
    assert.equal(energies.at(-1), asNumber(value(meter, "3/1.0.1.8.0.255/2")));
  });

  it("give the rows of a range, both ends included, and only the columns asked for", () => {
    const { meter } = meterUnderTest();
    const access = range("07EA010FFF0A000000FFC400", "07EA010FFF0B000000FFC400");
    assert.equal(rows(meter, INTERVALS, access).length, 5);
    const columns = [CLOCK, definition(3, "1.0.2.8.0.255", 2)];
    const narrow = rows(meter, INTERVALS, range("07EA010FFF0A000000FFC400", "07EA010FFF0A000000FFC400", columns));
    assert.deepEqual(
      narrow.map((row) => row.map((cell) => cell.type)),
      [["octet-string", "double-long-unsigned"]],
    );
  });

  it("refuse a range over a column that is not captured, of another type, and an unknown selector", () => {
    const { meter } = meterUnderTest();
    const strange = range("07EA010FFF0A000000FFC400", "07EA010FFF0A000000FFC400", [definition(3, "1.0.1.8.1.255", 2)]);
    assert.deepEqual(get(meter, `${INTERVALS}/2`, strange), { error: "other-reason" });
    assert.deepEqual(get(meter, `${INTERVALS}/2`, { selector: 1, parameters: cosem.nullData() }), {
      error: "type-unmatched",
    });
    assert.deepEqual(get(meter, `${INTERVALS}/2`, { selector: 3, parameters: cosem.nullData() }), {
      error: "scope-of-access-violated",
    });
  });

  it("give entries by position, counted from 1, where 0 means the last", () => {
    const { meter } = meterUnderTest();
    const parameters = cosem.structure([
      cosem.doubleLongUnsigned(959),
      cosem.doubleLongUnsigned(0),
      cosem.longUnsigned(1),
      cosem.longUnsigned(2),
    ]);
    const found = rows(meter, INTERVALS, { selector: 2, parameters });
    assert.deepEqual(
      found.map((row) => row.length),
      [2, 2],
    );
  });

  it("keep a row as it is while time goes on", () => {
    const { meter, clock } = meterUnderTest();
    const access = range("07EA010FFF0A000000FFC400", "07EA010FFF0A000000FFC400");
    const before = rows(meter, "7/0.1.94.31.6.255", access);
    clock.advance(1_000_000);
    assert.deepEqual(rows(meter, "7/0.1.94.31.6.255", access), before);
  });

  it("capture days at local midnight and months on their first day", () => {
    const { meter } = meterUnderTest({}, Date.UTC(2026, 6, 1, 12));
    const days = rows(meter, "7/1.0.99.2.0.255");
    assert.equal(toHex(asOctets(days.at(-1)![0]!)), "07EA07010300000000FF8880");
    const months = rows(meter, "7/1.0.98.1.0.255");
    assert.equal(months.length, 13);
    assert.equal(toHex(asOctets(months.at(-6)![0]!)), "07EA02010700000000FFC400");
  });

  it("capture other columns and periods in the definable load profile, and nothing with period 0", () => {
    const { meter } = meterUnderTest();
    const load = "7/0.1.94.31.6.255";
    const voltage = definition(3, "1.0.32.7.0.255", 2);
    assert.equal(set(meter, `${load}/3`, cosem.array([CLOCK, voltage])), "success");
    assert.equal(set(meter, `${load}/4`, cosem.doubleLongUnsigned(300)), "success");
    const all = rows(meter, load);
    assert.equal(all[0]!.length, 2);
    assert.equal(toHex(asOctets(all.at(-2)![0]!)), "07EA010F040C370000FFC400");
    assert.equal(set(meter, `${load}/4`, cosem.doubleLongUnsigned(0)), "success");
    assert.deepEqual(rows(meter, load), []);
  });

  it("refuse capture objects that are not known, too many, or of a fixed profile", () => {
    const { meter } = meterUnderTest();
    const load = "7/0.1.94.31.6.255/3";
    assert.equal(set(meter, load, cosem.array([definition(20, "0.0.13.0.0.255", 2)])), "other-reason");
    const voltage = definition(3, "1.0.32.7.0.255", 2);
    assert.equal(set(meter, load, cosem.array(Array.from({ length: 21 }, () => voltage))), "other-reason");
    assert.equal(set(meter, `${INTERVALS}/3`, cosem.array([CLOCK])), "read-write-denied");
  });

  it("take one element of a structure by its data index", () => {
    const { meter } = meterUnderTest();
    const quality = cosem.structure([
      cosem.longUnsigned(47),
      cosem.logicalName(parseObis("0.1.25.6.0.255")),
      cosem.integer(6),
      cosem.longUnsigned(3),
    ]);
    assert.equal(set(meter, "7/0.1.94.31.6.255/3", cosem.array([CLOCK, quality])), "success");
    assert.deepEqual(rows(meter, "7/0.1.94.31.6.255")[0]![1], cosem.unsigned(13));
  });

  it("log what happens to the meter, and are empty but for that after a reset", () => {
    const { meter, clock } = meterUnderTest();
    const log = "7/0.0.99.98.0.255";
    assert.equal(rows(meter, log).length, 100);
    clock.advance(1000);
    assert.equal(invoke(meter, `${log}/1`, cosem.integer(0)), "success");
    assert.deepEqual(
      rows(meter, log).map((row) => asNumber(row[1]!)),
      [255],
    );
    set(meter, "1/0.0.97.98.0.255/2", cosem.doubleLongUnsigned(0));
    assert.deepEqual(
      rows(meter, log).map((row) => asNumber(row[1]!)),
      [255, 11],
    );
    assert.equal(asNumber(value(meter, "1/0.0.96.11.0.255/2")), 11);
  });

  it("hold the rows that were arranged in place of their own, until they are reset", () => {
    const { meter } = meterUnderTest();
    const log = "7/0.0.99.98.1.255";
    const event = (hour: string, code: number) =>
      cosem.structure([octets(`07EA010FFF${hour}000000FFC400`), cosem.unsigned(code)]);
    meter.write(7, parseObis("0.0.99.98.1.255"), 2, cosem.array([event("0A", 40), event("0B", 41)]));
    assert.deepEqual(rows(meter, log, range("07EA010FFF0A1E0000FFC400", "07EA010FFF0C000000FFC400")), [
      [octets("07EA010FFF0B000000FFC400"), cosem.unsigned(41)],
    ]);
    assert.equal(asNumber(value(meter, `${log}/7`)), 2);
    invoke(meter, `${log}/1`, cosem.integer(0));
    assert.deepEqual(
      rows(meter, log).map((row) => asNumber(row[1]!)),
      [255],
    );
  });

  it("count sessions in the communication log and hold 2190 of them", () => {
    const { meter } = meterUnderTest();
    const all = rows(meter, "7/0.0.99.98.4.255");
    assert.equal(all.length, 2190);
    assert.equal(all[0]!.length, 3);
    assert.equal(asNumber(value(meter, "7/0.0.99.98.4.255/7")), 2190);
  });
});
