import assert from "node:assert/strict";
import fc from "fast-check";
import { decimalText, floatText, shiftDecimal } from "../../src/lib/decimal.ts";

/** The number that a decimal text stands for, as a whole number of 10^−places. */
function scaledBack(text: string, places: number): bigint {
  const [whole = "", fraction = ""] = text.replace("-", "").split(".");
  assert.match(text, /^-?(0|[1-9]\d*)(\.\d+)?$/);
  assert.ok(fraction.length <= places);
  const digits = BigInt(whole + fraction.padEnd(places, "0"));
  return text.startsWith("-") ? -digits : digits;
}

describe("decimal texts", () => {
  it("keep every digit of 64-bit counters for scalers from -128 to 127", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }),
        fc.integer({ min: -128, max: 127 }),
        (value, scaler) => {
          const text = decimalText(value, scaler);
          assert.equal(scaledBack(text, 128), value * 10n ** BigInt(128 + scaler));
          assert.equal(text.split(".")[1]?.length ?? 0, Math.max(0, -scaler));
        },
      ),
    );
  });

  it("stand for what they are worth", () => {
    const written: [number | bigint, number, string][] = [
      [2n ** 64n - 1n, 0, "18446744073709551615"],
      [2n ** 64n - 1n, -3, "18446744073709551.615"],
      [-(2n ** 63n), -19, "-0.9223372036854775808"],
      [1000, -3, "1.000"],
      [1, -3, "0.001"],
      [0, -3, "0.000"],
      [0, 3, "0"],
      [-0, 3, "0"],
      [-5, -1, "-0.5"],
      [12, 3, "12000"],
      [Number.MAX_SAFE_INTEGER, -1, "900719925474099.1"],
    ];
    for (const [value, exponent, text] of written) assert.equal(decimalText(value, exponent), text);
    assert.equal(decimalText(1, -128), `0.${"0".repeat(127)}1`);
    assert.equal(decimalText(1, 127), `1${"0".repeat(127)}`);
  });

  it("move their point as a scaler would", () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.integer({ min: -40, max: 40 }), fc.integer({ min: -40, max: 40 }), (value, a, b) => {
        const moved = shiftDecimal(decimalText(value, a), b);
        assert.equal(scaledBack(moved, 120), value * 10n ** BigInt(120 + a + b));
      }),
    );
    assert.equal(shiftDecimal("1234567", -3), "1234.567");
    assert.equal(shiftDecimal("-0.50", 1), "-5.0");
    assert.equal(shiftDecimal("0.0", 3), "0");
  });

  it("read back as the floating-point number they were made from, in its own precision", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        assert.equal(Number(floatText(value, 64)), value + 0);
      }),
    );
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        assert.equal(Math.fround(Number(floatText(value, 32))), value + 0);
      }),
    );
    assert.equal(floatText(Math.fround(0.1), 32), "0.1");
    assert.equal(floatText(Math.fround(230.7), 32), "230.7");
    assert.equal(floatText(1e21, 64), `1${"0".repeat(21)}`);
    assert.equal(floatText(1.5e-7, 64), "0.00000015");
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      assert.equal(floatText(value, 64), undefined);
      assert.equal(floatText(value, 32), undefined);
    }
  });
});
