import assert from "node:assert/strict";
import fc from "fast-check";
import {
  accessByRange,
  CLOCK_TIME,
  decodeCaptureObjects,
} from "../../../../src/adapters/dlms/readings/profile-access.ts";
import {
  inTimeOrder,
  isWithin,
  type ProfileLayout,
  type ProfileRow,
  ProfileRows,
} from "../../../../src/adapters/dlms/readings/profile-rows.ts";
import { scaledText } from "../../../../src/adapters/dlms/readings/scaler-unit.ts";
import { asBigInt, type CosemData, cosem } from "../../../../src/dlms/data.ts";
import { encodeData } from "../../../../src/dlms/data-codec.ts";
import { dateTimeFromEpochMs, encodeDateTime } from "../../../../src/dlms/date-time.ts";
import { toHex } from "../../../../src/lib/bytes.ts";
import { parseObis } from "../../../../src/lib/obis.ts";
import type { CaptureObject } from "../../../../src/operations/values.ts";

const ZONE = "Europe/Amsterdam";
const START = Date.parse("2026-10-24T22:00:00Z");
const QUARTER_MS = 900_000;
const ENERGY: CaptureObject = { classId: 3, logicalName: parseObis("1.0.1.8.0.255"), attribute: 2, dataIndex: 0 };
const STATUS: CaptureObject = { classId: 1, logicalName: parseObis("0.0.96.10.2.255"), attribute: 2, dataIndex: 0 };
const LAYOUT: ProfileLayout = { columns: [CLOCK_TIME, STATUS, ENERGY], step: 900, timeZone: ZONE };

const time = (epochMs: number) => cosem.octetString(encodeDateTime(dateTimeFromEpochMs(epochMs, ZONE)));
const none = cosem.nullData();

function rowsOf(entries: readonly CosemData[][], layout: Partial<ProfileLayout> = {}): ProfileRow[] {
  const rows = new ProfileRows({ ...LAYOUT, ...layout });
  return entries.flatMap((entry) => rows.add(cosem.structure(entry)) ?? []);
}

/** Entries as [time, values as text]. */
function told(rows: readonly ProfileRow[]): unknown[] {
  return rows.map((row) => [
    new Date(row.time.epochMs).toISOString(),
    ...row.values.slice(1).map((value) => value && scaledText(value, 0)),
  ]);
}

describe("the entries of a profile", () => {
  it("have the value before where a meter sends null-data, and the time one step later", () => {
    const rows = rowsOf([
      [time(START), cosem.unsigned(8), cosem.doubleLongUnsigned(100)],
      [none, none, cosem.doubleLongUnsigned(101)],
      [none, cosem.unsigned(0), none],
      [time(START + 4 * QUARTER_MS), none, none],
      [none, none, none],
    ]);
    assert.deepEqual(told(rows), [
      ["2026-10-24T22:00:00.000Z", "8", "100"],
      ["2026-10-24T22:15:00.000Z", "8", "101"],
      ["2026-10-24T22:30:00.000Z", "0", "101"],
      ["2026-10-24T23:00:00.000Z", "0", "101"],
      ["2026-10-24T23:15:00.000Z", "0", "101"],
    ]);
  });

  it("without a time are left out until one has it, but what they told is not forgotten", () => {
    const rows = rowsOf([
      [none, cosem.unsigned(1), cosem.doubleLongUnsigned(100)],
      [none, none, cosem.doubleLongUnsigned(101)],
      [time(START), none, none],
    ]);
    assert.deepEqual(told(rows), [["2026-10-24T22:00:00.000Z", "1", "101"]]);
    const untold = rowsOf([[time(START), none, cosem.doubleLongUnsigned(1)]]);
    assert.deepEqual(told(untold), [["2026-10-24T22:00:00.000Z", undefined, "1"]]);
    const unstepped = rowsOf(
      [
        [time(START), none, none],
        [none, none, none],
        [time(START), none, none],
      ],
      { step: undefined },
    );
    assert.equal(unstepped.length, 2);
  });

  it("add up what a meter sends as differences, for every type beyond what a number holds", () => {
    const differences: CosemData[] = [
      { type: "delta-unsigned", value: 255 },
      { type: "delta-integer", value: -1 },
      { type: "delta-long", value: -300 },
      { type: "delta-long-unsigned", value: 65_535 },
      { type: "delta-double-long", value: -70_000 },
      { type: "delta-double-long-unsigned", value: 4_294_967_295 },
    ];
    for (const [first, total] of [
      [cosem.long64Unsigned(2n ** 63n), 2n ** 63n],
      [cosem.long64(-(2n ** 62n)), -(2n ** 62n)],
      [cosem.doubleLongUnsigned(1_000_000), 1_000_000n],
    ] as const) {
      const entries = [first, ...differences].map((value, i) => [time(START + i * QUARTER_MS), none, value]);
      let sum: bigint = total;
      const expected = [sum, ...differences.map((data) => (sum += asBigInt(data)))];
      assert.deepEqual(
        rowsOf(entries).map(({ values }) => scaledText(values[2]!, 0)),
        expected.map(String),
      );
    }
    for (const first of [none, cosem.octetString(new Uint8Array(1))]) {
      assert.throws(
        () =>
          rowsOf([
            [time(START), none, first],
            [none, none, differences[0]!],
          ]),
        {
          code: "remote/unexpected-type",
        },
      );
    }
  });

  it("are the same however much of them a meter leaves out", () => {
    const entry = fc.record({ value: fc.nat(3), status: fc.nat(1), leaves: fc.nat(7), gap: fc.nat(1) });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 200 }), (plan) => {
        let at = START;
        const whole: CosemData[][] = [];
        const short: CosemData[][] = [];
        for (const { value, status, leaves, gap } of plan) {
          at += QUARTER_MS * (1 + gap);
          const full = [time(at), cosem.unsigned(status), cosem.doubleLongUnsigned(value)];
          const before = whole.at(-1);
          const may = (i: number) => (leaves & (1 << i)) !== 0 && before !== undefined;
          const follows = (i: number) =>
            i === 0 ? gap === 0 : toHex(encodeData(before![i]!)) === toHex(encodeData(full[i]!));
          whole.push(full);
          short.push(full.map((data, i) => (may(i) && follows(i) ? none : data)));
        }
        assert.deepEqual(told(rowsOf(short)), told(rowsOf(whole)));
      }),
    );
  });

  it("run backwards in a buffer that begins with the newest", () => {
    const rows = rowsOf(
      [
        [time(START), none, cosem.unsigned(2)],
        [none, none, cosem.unsigned(1)],
      ],
      { order: "descending" },
    );
    assert.deepEqual(told(inTimeOrder(rows)), [
      ["2026-10-24T21:45:00.000Z", undefined, "1"],
      ["2026-10-24T22:00:00.000Z", undefined, "2"],
    ]);
  });

  it("are put in the order of their times, those of one time as they came", () => {
    const at = [3, 1, 2, 1, 0].map((quarters) => START + quarters * QUARTER_MS);
    const rows = rowsOf(at.map((epochMs, i) => [time(epochMs), none, cosem.unsigned(i)]));
    assert.deepEqual(
      inTimeOrder(rows).map(({ values }) => scaledText(values[2]!, 0)),
      ["4", "1", "3", "2", "0"],
    );
  });

  it("are within a range up to its ends", () => {
    const [row] = rowsOf([[time(START), none, none]]);
    for (const [from, to, within] of [
      [START, START, true],
      [START - 1, START - 1, false],
      [START + 1, START + 1, false],
      [START - 1, START + 1, true],
    ] as const) {
      assert.equal(isWithin(row!, from, to), within);
    }
  });

  it("are refused with another number of values than columns, and without a clock", () => {
    assert.throws(() => rowsOf([[time(START), none]]), { code: "remote/unexpected-type" });
    assert.throws(() => new ProfileRows({ ...LAYOUT, columns: [STATUS] }), { code: "remote/unexpected-type" });
  });
});

describe("selective access to a profile", () => {
  it("asks for a range in the meter's local time by the clock, and for columns", () => {
    const { selector, parameters } = accessByRange(START, Date.parse("2026-10-25T23:00:00Z"), ZONE, [ENERGY]);
    assert.equal(selector, 1);
    assert.equal(
      toHex(encodeData(parameters)),
      // restricting object: class 8, 0.0.1.0.0.255, attribute 2, data index 0
      "0204020412000809060000010000FF0F02120000".concat(
        "090C07EA0A19FF00000000FF8880", // 25 October 2026, 00:00 in summer time
        "090C07EA0A1AFF00000000FFC400", // 26 October 2026, 00:00 in winter time
        "01010204120003090601000108 00FF0F02120000".replace(" ", ""),
      ),
    );
    assert.match(toHex(encodeData(accessByRange(START, START, ZONE).parameters)), /0100$/);
  });

  it("tells the columns from the capture objects", () => {
    const { parameters } = accessByRange(START, START, ZONE, [CLOCK_TIME, ENERGY]);
    const columns = parameters.type === "structure" ? parameters.value[3]! : none;
    assert.deepEqual(decodeCaptureObjects(columns), [CLOCK_TIME, ENERGY]);
    assert.throws(() => decodeCaptureObjects(cosem.array([cosem.structure([])])), { code: "remote/unexpected-type" });
  });
});
