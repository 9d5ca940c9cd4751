import assert from "node:assert/strict";
import { formatValue, normalizeSpace, parseValue } from "../../src/contract/simple-values.ts";
import type { BuiltInType } from "../../src/contract/tables.ts";

const parsed = (base: BuiltInType, text: string) => parseValue(base, normalizeSpace(base, text));

describe("values of XML Schema's built-in types", () => {
  it("keep, replace or collapse white space as their type says", () => {
    const text = " \ta\r\n  b ";
    assert.equal(normalizeSpace("string", text), text);
    assert.equal(normalizeSpace("normalizedString", text), "  a    b ");
    assert.equal(normalizeSpace("anyURI", text), "a b");
    assert.equal(normalizeSpace("anyURI", "\u00a0a"), "\u00a0a");
  });

  it("are booleans in four spellings only", () => {
    assert.deepEqual(
      ["true", " 1 "].map((text) => parsed("boolean", text)),
      [true, true],
    );
    assert.deepEqual(
      ["false", "0"].map((text) => parsed("boolean", text)),
      [false, false],
    );
    for (const text of ["TRUE", "yes", "", "01"]) assert.equal(parsed("boolean", text), undefined);
  });

  it("hold the borders of every bounded integer", () => {
    const borders: [BuiltInType, string, string, string, string][] = [
      ["byte", "-128", "127", "-129", "128"],
      ["short", "-32768", "32767", "-32769", "32768"],
      ["int", "-2147483648", "2147483647", "-2147483649", "2147483648"],
      ["unsignedByte", "0", "255", "-1", "256"],
      ["unsignedShort", "0", "65535", "-1", "65536"],
      ["unsignedInt", "0", "4294967295", "-1", "4294967296"],
      ["long", "-9223372036854775808", "9223372036854775807", "-9223372036854775809", "9223372036854775808"],
    ];
    for (const [base, min, max, below, above] of borders) {
      for (const text of [min, max]) assert.equal(formatValue(base, parsed(base, text)), text);
      for (const text of [below, above]) assert.equal(parsed(base, text), undefined);
    }
  });

  it("lose no digit of a long integer", () => {
    assert.equal(parsed("long", "+9007199254740991"), 9007199254740991);
    assert.equal(parsed("long", "9007199254740992"), 9007199254740992n);
    assert.equal(parsed("integer", `-${"9".repeat(38)}`), -(10n ** 38n - 1n));
    assert.equal(parsed("integer", "1".repeat(39)), undefined);
    assert.equal(parsed("integer", "0".repeat(50)), 0);
    assert.ok(Object.is(parsed("int", "-0"), 0));
    assert.equal(formatValue("integer", 2 ** 53), undefined);
    assert.equal(formatValue("integer", 2n ** 53n), "9007199254740992");
  });

  it("lose no digit of a decimal and know no exponent", () => {
    assert.equal(parsed("decimal", " +00012.3400 "), "00012.3400");
    for (const text of ["-1", "1.", ".5", "-.5"]) assert.equal(parsed("decimal", text), text);
    for (const text of [".", "-", "1e3", "1,5", "INF", ""]) assert.equal(parsed("decimal", text), undefined);
    assert.equal(formatValue("decimal", "1e-7"), undefined);
    assert.equal(formatValue("decimal", 12.5), undefined);
  });

  it("are instants: UTC without a zone, shifted by one", () => {
    const instants: [string, string][] = [
      ["2024-02-29T12:34:56", "2024-02-29T12:34:56.000Z"],
      ["2024-02-29T12:34:56.7891Z", "2024-02-29T12:34:56.789Z"],
      ["2024-02-29T12:34:56.7+02:00", "2024-02-29T10:34:56.700Z"],
      ["2023-12-31T23:00:00-01:30", "2024-01-01T00:30:00.000Z"],
      ["2023-12-31T24:00:00Z", "2024-01-01T00:00:00.000Z"],
      ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"],
      ["0099-03-01T00:00:00-14:00", "0099-03-01T14:00:00.000Z"],
    ];
    for (const [text, iso] of instants) assert.equal((parsed("dateTime", text) as Date).toISOString(), iso);
  });

  it("are no instants that the calendar does not have", () => {
    for (const text of [
      "2023-02-29T00:00:00Z",
      "2023-13-01T00:00:00Z",
      "2023-00-01T00:00:00Z",
      "2023-01-00T00:00:00Z",
      "2023-01-01T24:00:01Z",
      "2023-01-01T24:00:00.1Z",
      "2023-01-01T25:00:00Z",
      "2023-01-01T00:60:00Z",
      "2023-01-01T00:00:60Z",
      "2023-01-01T00:00:00+14:01",
      "2023-01-01T00:00:00+01:60",
      "0000-01-01T00:00:00Z",
      "12023-01-01T00:00:00Z",
      "2023-01-01",
      "2023-01-01 00:00:00Z",
    ]) {
      assert.equal(parsed("dateTime", text), undefined, text);
    }
    assert.equal(formatValue("dateTime", new Date(Number.NaN)), undefined);
    assert.equal(formatValue("dateTime", new Date("+010000-01-01T00:00:00Z")), undefined);
  });

  it("are refused when they are of another JavaScript type", () => {
    const wrong: [BuiltInType, unknown][] = [
      ["string", 5],
      ["boolean", "true"],
      ["int", "5"],
      ["int", 5n],
      ["long", 1.5],
      ["dateTime", "2024-01-01T00:00:00Z"],
      ["hexBinary", "00"],
      ["unsignedByte", undefined],
    ];
    for (const [base, value] of wrong) assert.equal(formatValue(base, value), undefined, base);
  });
});
