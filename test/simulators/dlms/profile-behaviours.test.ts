import assert from "node:assert/strict";
import type { GetResult, SelectiveAccess } from "../../../src/dlms/apdu.ts";
import { asElements, asNumber, type CosemData, cosem } from "../../../src/dlms/data.ts";
import { parseObis } from "../../../src/lib/obis.ts";
import type { Meter } from "../../../src/simulators/dlms/meter.ts";
import { serve } from "../../../src/simulators/dlms/meter-services.ts";
import * as behaviours from "../../../src/simulators/dlms/profile-behaviours.ts";
import { meterUnderTest, value } from "./test-meter.ts";

const INTERVALS = parseObis("1.0.99.1.0.255");

function read(meter: Meter, attribute = 2, access?: SelectiveAccess): GetResult {
  const request = { type: "get", attributes: [{ classId: 7, logicalName: INTERVALS, attribute, access }] } as const;
  const answer = serve(meter, request, "all");
  assert.equal(answer?.type, "get");
  return (answer as { results: readonly GetResult[] }).results[0]!;
}

const dataOf = (result: GetResult): CosemData => ("data" in result ? result.data : assert.fail(result.error));
const rows = (meter: Meter) => asElements(dataOf(read(meter))).map((row) => asElements(row));

describe("the profiles of a simulated meter that behaves otherwise", () => {
  it("hold a year of quarter-hours when there is room for it, and grow by the meter's clock", () => {
    const { meter, clock } = meterUnderTest();
    meter.write(7, INTERVALS, 8, cosem.doubleLongUnsigned(35_136));
    assert.equal(rows(meter).length, 35_136);
    const before = asNumber(value(meter, "3/1.0.1.8.0.255/2"));
    clock.advance(2 * 3_600_000);
    assert.equal(asNumber(value(meter, "3/1.0.1.8.0.255/2")), before + 800);
    assert.deepEqual(
      rows(meter)
        .slice(-9)
        .map((row) => asNumber(row[2]!) - before),
      [0, 100, 200, 300, 400, 500, 600, 700, 800],
    );
  });

  it("keep what a register held when it is arranged, which stands still then", () => {
    const { meter, clock } = meterUnderTest();
    meter.write(3, parseObis("1.0.1.8.0.255"), 2, cosem.doubleLongUnsigned(4_000_000_000));
    clock.advance(3_600_000);
    assert.equal(asNumber(value(meter, "3/1.0.1.8.0.255/2")), 4_000_000_000);
    assert.deepEqual(
      rows(meter)
        .slice(-6)
        .map((row) => asNumber(row[2]!)),
      [3_999_999_900, ...new Array(5).fill(4_000_000_000)],
    );
  });

  it("leave rows out, and times and values that follow from the row before", () => {
    const { meter } = meterUnderTest();
    const whole = rows(meter);
    meter.behaviours.add(behaviours.profileGaps(4));
    assert.deepEqual(rows(meter).slice(0, 4), [whole[0], whole[1], whole[2], whole[4]]);
    meter.behaviours.add(behaviours.profileNullData());
    const types = rows(meter)
      .slice(0, 4)
      .map((row) => row.map((cell) => (cell.type === "null-data" ? "-" : cell.type)));
    assert.deepEqual(types, [
      ["octet-string", "unsigned", "double-long-unsigned", "double-long-unsigned"],
      ["-", "-", "double-long-unsigned", "double-long-unsigned"],
      ["-", "-", "double-long-unsigned", "double-long-unsigned"],
      ["octet-string", "-", "double-long-unsigned", "double-long-unsigned"],
    ]);
  });

  it("run backwards and say so, come as a compact-array, and tell local times only", () => {
    const { meter } = meterUnderTest();
    const whole = rows(meter);
    meter.behaviours.add(behaviours.profileBackwards());
    assert.deepEqual(rows(meter), [...whole].reverse());
    assert.deepEqual(read(meter, 5), { data: cosem.enum(2) });
    meter.behaviours.clear();
    meter.behaviours.add(behaviours.profileCompactArray());
    const compact = dataOf(read(meter));
    assert.equal(compact.type, "compact-array");
    assert.deepEqual(rows(meter), whole);
    meter.behaviours.clear();
    meter.behaviours.add(behaviours.bareTimes());
    const [time] = rows(meter)[0]!;
    const octets = time?.type === "octet-string" ? time.value : assert.fail(time?.type);
    assert.deepEqual([...octets.subarray(9)], [0x80, 0x00, 0xff]);
  });

  it("refuse to have parts picked, or a column", () => {
    const { meter } = meterUnderTest();
    const definition = (classId: number, name: string) =>
      cosem.structure([
        cosem.longUnsigned(classId),
        cosem.logicalName(parseObis(name)),
        cosem.integer(2),
        cosem.longUnsigned(0),
      ]);
    const clock = definition(8, "0.0.1.0.0.255");
    const time = value(meter, "8/0.0.1.0.0.255/2");
    const range = (...columns: CosemData[]): SelectiveAccess => ({
      selector: 1,
      parameters: cosem.structure([clock, time, time, cosem.array(columns)]),
    });
    const column = { classId: 3, logicalName: parseObis("1.0.2.8.0.255"), attribute: 2 };
    meter.behaviours.add(behaviours.refusedColumn(column));
    assert.deepEqual(read(meter, 2, range(clock, definition(3, "1.0.2.8.0.255"))), { error: "other-reason" });
    assert.ok("data" in read(meter, 2, range(clock, definition(3, "1.0.1.8.0.255"))));
    assert.ok("data" in read(meter, 2, range()));
    meter.behaviours.add(behaviours.noSelectiveAccess());
    assert.deepEqual(read(meter, 2, range()), { error: "scope-of-access-violated" });
    assert.ok("data" in read(meter));
  });
});
