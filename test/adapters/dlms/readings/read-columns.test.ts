import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ProfileRows } from "../../../../src/adapters/dlms/readings/profile-rows.ts";
import { ReadColumns } from "../../../../src/adapters/dlms/readings/read-columns.ts";
import { RowStream } from "../../../../src/adapters/dlms/readings/row-stream.ts";
import { type CosemData, cosem } from "../../../../src/dlms/data.ts";
import { encodeData } from "../../../../src/dlms/data-codec.ts";
import { dateTimeFromEpochMs, encodeDateTime } from "../../../../src/dlms/date-time.ts";
import { concatBytes } from "../../../../src/lib/bytes.ts";
import { parseObis } from "../../../../src/lib/obis.ts";

const HOUR_MS = 3_600_000;
const TIME_ZONE = "Europe/Amsterdam";
const COLUMNS = ["0.0.1.0.0.255", "0.0.96.10.2.255", "1.0.1.8.0.255", "1.0.2.8.0.255"].map((name, i) => ({
  ...{ classId: i === 0 ? 8 : 3, logicalName: parseObis(name), attribute: 2, dataIndex: 0 },
}));

describe("reads by column", () => {
  const add = (reads: ReadColumns, hour: number, ...values: (CosemData | undefined)[]) =>
    reads.add({ time: { epochMs: hour * HOUR_MS, deviationMinutes: -60 }, values });

  it("keep every digit of every type, and scale it", () => {
    const reads = new ReadColumns([1, 2], 0);
    add(reads, 1, cosem.unsigned(8), cosem.long64Unsigned(2n ** 64n - 1n), cosem.float32(Math.fround(0.1)));
    add(reads, 2, cosem.nullData(), cosem.doubleLongUnsigned(4_294_967_295), cosem.float64(Number.NaN));
    add(reads, 3, undefined, cosem.nullData(), undefined);
    assert.deepEqual(reads.toColumns([-3, 127]), {
      times: {
        epochMs: [HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS],
        deviationMinutes: [-60, -60, -60],
        clockStatus: undefined,
      },
      statuses: [8, null, null],
      values: [
        ["18446744073709551.615", "4294967.295", null],
        [`1${"0".repeat(126)}`, null, null],
      ],
    });
  });

  it("are by time, and those of the same time as they came, in every column", () => {
    const reads = new ReadColumns([0], -1);
    for (const [hour, value] of [
      [3, 30],
      [1, 10],
      [2, 20],
      [1, 11],
    ] as const) {
      add(reads, hour, cosem.unsigned(value));
    }
    const { times, statuses, values } = reads.toColumns([0]);
    assert.deepEqual(times.epochMs, [HOUR_MS, HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS]);
    assert.deepEqual(values, [["10", "11", "20", "30"]]);
    assert.equal(statuses, undefined);
  });

  it("of a year of quarter-hours take less memory than twice what the meter sends", () => {
    setFlagsFromString("--expose-gc");
    const collect: () => void = runInNewContext("gc");
    const used = () => {
      collect();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      return heapUsed + arrayBuffers;
    };
    const octetsOf = (i: number) =>
      encodeData(
        cosem.structure([
          cosem.octetString(encodeDateTime(dateTimeFromEpochMs(i * 900_000, TIME_ZONE))),
          cosem.unsigned(0),
          cosem.doubleLongUnsigned(12_345_678 + 100 * i),
          cosem.doubleLongUnsigned(3_000_000_000 + 23 * i),
        ]),
      );
    const read = (rows: number) => {
      const reads = new ReadColumns([2, 3], 1);
      const profile = new ProfileRows({ columns: COLUMNS, timeZone: TIME_ZONE });
      const stream = new RowStream();
      stream.push(Uint8Array.of(0x01, 0x82, rows >> 8, rows & 0xff));
      let octets = 0;
      for (let i = 0; i < rows; i += 40) {
        const block = concatBytes(...Array.from({ length: 40 }, (_, j) => octetsOf(i + j)));
        octets += block.length;
        for (const entry of stream.push(block)) reads.add(profile.add(entry)!);
      }
      return { reads, octets };
    };
    // What the engine keeps of code and of the time zone is there afterwards.
    read(35_040);
    const before = used();
    const { reads, octets } = read(35_040);
    const held = used() - before;
    assert.equal(reads.length, 35_040);
    assert.ok(held < 2 * octets, `${held} octets are held of ${octets} that were sent`);
  });

  it("are none when nothing was added, and refuse what is no number", () => {
    const reads = new ReadColumns([0], 1);
    assert.deepEqual(reads.toColumns([]).values, [[]]);
    assert.equal(reads.length, 0);
    const refused = { code: "remote/unexpected-type" };
    assert.throws(() => add(reads, 1, cosem.visibleString("1"), cosem.unsigned(0)), refused);
    assert.throws(() => add(reads, 1, cosem.unsigned(1), cosem.visibleString("0")), refused);
  });
});
