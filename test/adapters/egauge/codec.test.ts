import assert from "node:assert/strict";
import { loginBody, tokenLifetime, userHash } from "../../../src/adapters/egauge/digest.ts";
import { advance, averageOf, parseRegisters, toReadings, totalOf } from "../../../src/adapters/egauge/registers.ts";
import { formatStamp, parseStamp, stampMs } from "../../../src/adapters/egauge/stamp.ts";

const jwt = (payload: object) => `e30.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.x`;

describe("what eGauge meters say, after the maker's description", () => {
  it("has times that a double would not hold", () => {
    assert.equal(parseStamp("1677523091.000900435"), 1_677_523_091_000_900_435n);
    assert.equal(parseStamp("0"), 0n);
    assert.equal(parseStamp("-1.5"), -1_500_000_000n);
    for (const text of ["", "1.", ".5", "1e9", "1,5", "1677523091.0009004351x", "9".repeat(13)]) {
      assert.equal(parseStamp(text), undefined, text);
    }
    assert.equal(stampMs(1_677_523_091_000_900_435n), 1_677_523_091_000);
    assert.deepEqual(
      [formatStamp(1_677_523_091_000), formatStamp(1_677_523_091_007)],
      ["1677523091", "1677523091.007"],
    );
  });

  it("is logged into with the digest of RFC 2617's first half and two nonces", () => {
    // RFC 2617, section 3.5: A1 of Mufasa is 939e7578ed9e3c518a452acee763bce9.
    const mufasa = { realm: "testrealm@host.com", user: "Mufasa", password: "Circle Of Life" };
    assert.equal(userHash(mufasa), "939e7578ed9e3c518a452acee763bce9");
    // printf '939e7578ed9e3c518a452acee763bce9:n:c' | md5sum
    assert.deepEqual(loginBody(mufasa, "n", "c"), {
      ...{ rlm: "testrealm@host.com", usr: "Mufasa", nnc: "n", cnnc: "c", hash: "4b46545303c488ad2e58128f83727dee" },
    });
  });

  it("tells how long a token lives, as a number or a text, or not at all", () => {
    assert.equal(tokenLifetime(jwt({ beg: 1, ltm: 300 })), 300);
    assert.equal(tokenLifetime(jwt({ beg: "1", ltm: "120" })), 120);
    for (const token of ["", "a.b.c", jwt({}), jwt({ ltm: -1 }), jwt({ ltm: 1e12 })]) {
      assert.equal(tokenLifetime(token), 600);
    }
  });

  it("counts watts for a second, and thousandths of volts and degrees", () => {
    assert.equal(totalOf("P", 450_000_000n), "125");
    assert.equal(totalOf("P", 315_000_000n), "87.5");
    assert.match(totalOf("P", -70_717_273_095n)!, /^-19643\.68697/);
    assert.equal(totalOf("V", 120_000_000n), "120000");
    assert.equal(averageOf("T", 461_275_970n, 86_455_154_000_000n), "5.335436");
    assert.equal(averageOf("P", -36_000n, 900_000_000_000n), "-40");
    assert.equal(totalOf("$", 2n ** 29n), "1");
    assert.equal(totalOf("d", 17n), "17");
    assert.equal(averageOf("d", 17n, 1n), undefined);
    assert.equal(totalOf("unheard of", 17n), undefined);
  });

  it("counts on across the end of a counter", () => {
    assert.equal(advance(2n ** 62n - 1n, -(2n ** 62n) + 1n), 2n);
    assert.equal(advance(10n, 7n), -3n);
  });

  // As in the maker's example: two ranges, rows from the youngest to the oldest, a grid that is not the one asked for.
  const EXAMPLE = {
    ts: "1678298313.000900435",
    registers: [
      { name: "Temp", type: "T", idx: 9, did: 6 },
      { name: "Grid", type: "P", idx: 0, did: 3, rate: -1250.25 },
      { name: "Usage", type: "P", idx: 4 },
    ],
    ranges: [
      {
        ts: "1678298313",
        delta: 3600,
        rows: [
          ["7200000", "3", "10670"],
          ["3600000", "2", "5335"],
        ],
      },
      { ts: "1678208258", delta: 86_455.154, rows: [["0", "1", "0"]] },
    ],
  };

  it("has columns in the order of the registers' places and rows backwards in time", () => {
    const { registers, rows, time } = parseRegisters(EXAMPLE);
    assert.equal(time, 1_678_298_313_000_900_435n);
    assert.deepEqual(
      registers.map(({ name }) => name),
      ["Grid", "Usage", "Temp"],
    );
    assert.deepEqual(
      rows.map((row) => [row.time / 1_000_000_000n, row.counters[0]]),
      [
        [1_678_208_258n, 0n],
        [1_678_294_713n, 3_600_000n],
        [1_678_298_313n, 7_200_000n],
      ],
    );
    const told = toReadings(time, registers, rows);
    assert.deepEqual(told.registers[0], {
      ...{ name: "Grid", type: "P", isVirtual: false, databaseId: 3, unit: "W", totalUnit: "kWh", rate: "-1250.25" },
    });
    assert.equal(told.registers[1]?.isVirtual, true);
    assert.deepEqual(told.readings.at(-3), {
      ...{ timeMs: 1_678_298_313_000, register: 0, counter: "7200000", total: "2", average: "1000" },
    });
  });

  it("repeats rows where ranges overlap, and each is told once", () => {
    const [range] = EXAMPLE.ranges;
    assert.equal(parseRegisters({ ...EXAMPLE, ranges: [range, range] }).rows.length, 2);
  });

  const LIES: Readonly<Record<string, unknown>> = {
    "no object": "x",
    "no time": { ...EXAMPLE, ts: 5 },
    "a number in a row": { ...EXAMPLE, ranges: [{ ts: "1", delta: 1, rows: [[1]] }] },
    "text in a row": { ...EXAMPLE, ranges: [{ ts: "1", delta: 1, rows: [["1e3"]] }] },
    "a register without a place": { ...EXAMPLE, registers: [{ name: "Grid", type: "P" }] },
    "too many rows": { ...EXAMPLE, ranges: [{ ts: "1", delta: 1, rows: Array.from({ length: 20_001 }, () => ["1"]) }] },
  };
  for (const [what, body] of Object.entries(LIES)) {
    it(`is refused with ${what}`, () => {
      assert.throws(() => parseRegisters(body), { code: "ILLEGAL_RESPONSE" });
    });
  }

  it("is refused with rows of another length", () => {
    const { registers, rows, time } = parseRegisters(EXAMPLE);
    assert.throws(() => toReadings(time, registers.slice(1), rows), { code: "ILLEGAL_RESPONSE" });
  });
});
