import assert from "node:assert/strict";
import { decodeScalerUnit, scaledText, unitOfCode } from "../../../../src/adapters/dlms/readings/scaler-unit.ts";
import { type CosemData, cosem } from "../../../../src/dlms/data.ts";
import { DlmsError } from "../../../../src/dlms/errors.ts";
import { UNITS } from "../../../../src/domain/unit.ts";

describe("a register's value", () => {
  it("is told to the last digit in every type of number", () => {
    const told: [CosemData, number, string | undefined][] = [
      [cosem.doubleLongUnsigned(4_294_967_295), 0, "4294967295"],
      [cosem.doubleLongUnsigned(1_234_567), -3, "1234.567"],
      [cosem.doubleLong(-1), -2, "-0.01"],
      [cosem.longUnsigned(2301), -1, "230.1"],
      [cosem.unsigned(7), 127, `7${"0".repeat(127)}`],
      [cosem.integer(-128), -128, `-0.${"0".repeat(125)}128`],
      [cosem.long64(-(2n ** 63n)), -3, "-9223372036854775.808"],
      [cosem.long64Unsigned(2n ** 64n - 1n), -1, "1844674407370955161.5"],
      [cosem.enum(3), 0, "3"],
      [cosem.bcd(0x42), -1, "4.2"],
      [cosem.float32(Math.fround(0.1)), 0, "0.1"],
      [cosem.float32(Math.fround(230.7)), -1, "23.07"],
      [cosem.float64(0.1), 3, "100"],
      [cosem.float64(Number.NaN), 0, undefined],
      [cosem.float32(Number.POSITIVE_INFINITY), 0, undefined],
      [cosem.nullData(), 0, undefined],
      [{ type: "dont-care" }, 0, undefined],
    ];
    for (const [data, scaler, text] of told) assert.equal(scaledText(data, scaler), text, `${data.type} ${scaler}`);
  });

  it("is refused when it is no number", () => {
    const refuses = (data: CosemData, code: string) =>
      assert.throws(
        () => scaledText(data, 0),
        (error) => error instanceof DlmsError && error.code === code,
      );
    refuses(cosem.octetString(new Uint8Array(4)), "remote/unexpected-type");
    refuses(cosem.boolean(true), "remote/unexpected-type");
    refuses(cosem.bcd(0x4a), "remote/malformed");
  });
});

describe("scaler and unit of a register", () => {
  it("are a structure of a power of ten and a number of the Blue Book's table", () => {
    const read = (scaler: number, unit: number) =>
      decodeScalerUnit(cosem.structure([cosem.integer(scaler), cosem.enum(unit)]));
    assert.deepEqual(read(-3, 30), { scaler: -3, unit: "Wh" });
    assert.deepEqual(read(127, 13), { scaler: 127, unit: "m³" });
    assert.deepEqual(read(-128, 255), { scaler: -128, unit: "count" });
    assert.deepEqual(read(0, 254), { scaler: 0, unit: "undefined" });
    for (const [code, unit] of [
      [7, "s"],
      [19, "l"],
      [27, "W"],
      [29, "var"],
      [33, "A"],
      [35, "V"],
      [44, "Hz"],
      [56, "%"],
      [57, "Ah"],
      [70, "dBm"],
    ] as const) {
      assert.equal(unitOfCode(code), unit);
    }
  });

  it("are refused in another shape", () => {
    for (const data of [cosem.nullData(), cosem.structure([cosem.integer(0)]), cosem.array([])]) {
      assert.throws(() => decodeScalerUnit(data), { code: "remote/unexpected-type" });
    }
  });

  it("reach every unit once", () => {
    const reached = Array.from({ length: 256 }, (_, code) => unitOfCode(code)).filter((unit) => unit !== "undefined");
    assert.deepEqual([...reached].sort(), UNITS.filter((unit) => unit !== "undefined").sort());
  });
});
