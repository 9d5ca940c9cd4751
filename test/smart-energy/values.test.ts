import assert from "node:assert/strict";
import fc from "fast-check";
import { deviceIdOf, parseDeviceId } from "../../src/smart-energy/device-id.ts";
import { formatElement, leaf, node, parseElement } from "../../src/smart-energy/element.ts";
import {
  type FieldValue,
  fieldsOf,
  isInteger,
  RECORDS,
  REQUEST_STYLE,
  RESPONSE_STYLE,
  type RecordName,
  type RecordValues,
  readRecord,
  writeRecord,
} from "../../src/smart-energy/records.ts";
import {
  asType,
  formatHex,
  formatMac,
  fromUtc2000,
  INTEGER_TYPES,
  type IntegerType,
  parseInteger,
  parseMac,
  toUtc2000,
} from "../../src/smart-energy/values.ts";
import { character } from "../characters.ts";

describe("values of the gateways' interface", () => {
  it("are whole numbers in every form that gateways and head-ends write", () => {
    const forms: [string, number | undefined][] = [
      ["0", 0],
      ["10", 10],
      ["12345678", 12_345_678],
      ["0x5E", 0x5e],
      ["0x701", 0x701],
      ["0xfff", 0xfff],
      ["0X0FFF", 0x0fff],
      ["0x01", 1],
      ["\n   0x100 \n", 0x100],
      ["-0x80", -0x80],
      ["-0x8000", -0x8000],
      ["-5", -5],
      ["0xFFFFFFFF", 0xffff_ffff],
      ["", undefined],
      ["0x", undefined],
      ["1.5", undefined],
      ["0xFFFFFFFFFFFFFFFFFF", undefined],
      ["five", undefined],
      ["1e3", undefined],
    ];
    for (const [text, value] of forms) assert.equal(parseInteger(text), value, text);
  });

  it("are the same number signed and unsigned, within their width", () => {
    assert.equal(asType(0x8000, "s16"), -0x8000);
    assert.equal(asType(-0x8000, "s16"), -0x8000);
    assert.equal(asType(-0x8000, "u16"), 0x8000);
    assert.equal(asType(0x80, "s8"), -0x80);
    assert.equal(asType(256, "u8"), undefined);
    assert.equal(asType(-129, "s8"), undefined);
    assert.equal(asType(0xffff_ffff, "u32"), 0xffff_ffff);
  });

  it("come back from how gateways write them", () => {
    const types = Object.keys(INTEGER_TYPES) as IntegerType[];
    const numbers = fc.constantFrom(...types).chain((type) => {
      const { bits, signed } = INTEGER_TYPES[type];
      const span = 2 ** bits;
      const bounds = signed ? { min: -span / 2, max: span / 2 - 1 } : { min: 0, max: span - 1 };
      return fc
        .maxSafeInteger()
        .map((n) => [type, bounds.min + (Math.abs(n) % (bounds.max - bounds.min + 1))] as const);
    });
    fc.assert(
      fc.property(numbers, ([type, value]) => {
        assert.equal(asType(parseInteger(formatHex(value))!, type), value);
        assert.equal(asType(parseInteger(String(value))!, type), value);
      }),
    );
  });

  it("are addresses with and without separators, in either case", () => {
    for (const text of [
      "00:13:A2:00:40:0A:12:34",
      "0013a200400a1234",
      " 00-13-A2-00-40-0A-12-34 ",
      "00:13:a2:00:40:0a:12:34!",
    ]) {
      assert.equal(parseMac(text), "0013A200400A1234", text);
    }
    assert.equal(parseMac("00:13:A2"), undefined);
    assert.equal(formatMac("0013a200400a1234"), "00:13:A2:00:40:0A:12:34");
  });

  it("are names of gateways in the cloud", () => {
    assert.equal(deviceIdOf("AABBCCDDEEFF"), "00000000-00000000-AABBCCFF-FFDDEEFF");
    assert.equal(parseDeviceId("0000000000000000aabbccffffddeeff"), "00000000-00000000-AABBCCFF-FFDDEEFF");
    assert.equal(deviceIdOf("AABB"), undefined);
    assert.equal(parseDeviceId("00000000-AABBCCFF"), undefined);
  });

  it("count time from 2000 on", () => {
    assert.equal(toUtc2000(Date.UTC(2000, 0, 1)), 0);
    assert.equal(fromUtc2000(toUtc2000(Date.UTC(2026, 5, 1))), Date.UTC(2026, 5, 1));
  });
});

describe("elements of the gateways' interface", () => {
  it("are read whatever stands around them, and written without", () => {
    const text = '<?xml version="1.0"?>\n<a  b="1" >\n <c >1</c><!-- x --><c>&lt;2&gt;</c>\n</a>';
    const element = parseElement(text);
    assert.deepEqual(
      element.children.map((child) => child.text),
      ["1", "<2>"],
    );
    assert.equal(
      formatElement(node("a", { b: '"&"' }, leaf("c", "<2>"), undefined)),
      '<a b="&quot;&amp;&quot;"><c>&lt;2&gt;</c></a>',
    );
  });

  it("hold no document type, no instruction, and are not deep", () => {
    const deep = `${"<a>".repeat(60)}${"</a>".repeat(60)}`;
    for (const text of [
      '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>',
      "<a><?php x?></a>",
      "<a>",
      "",
      "text",
      "<a>&x;</a>",
      deep,
      "<a>1 < 2</a>",
    ]) {
      assert.throws(() => parseElement(text), { name: "SmartEnergyFormatError" }, text.slice(0, 40));
    }
  });

  it("never cost more than an error of their own, whatever the octets are", () => {
    fc.assert(
      fc.property(fc.string({ unit: character, maxLength: 300 }), (text) => {
        try {
          parseElement(text);
        } catch (error) {
          assert.equal((error as Error).name, "SmartEnergyFormatError");
        }
      }),
    );
  });
});

describe("records of the gateways' interface", () => {
  const anyValue = (type: ReturnType<typeof fieldsOf>[number]["type"]): fc.Arbitrary<FieldValue> => {
    if (type === "string")
      return fc.string({ unit: "grapheme-ascii", maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, " "));
    if (type === "base16") return fc.uint8Array({ maxLength: 42 }).map((octets) => Uint8Array.from(octets));
    if (type === "list") return fc.array(fc.integer({ min: 0, max: 0xff_ffff }), { maxLength: 5 });
    assert.ok(isInteger(type));
    const { bits, signed } = INTEGER_TYPES[type];
    return signed
      ? fc.integer({ min: -(2 ** (bits - 1)), max: 2 ** (bits - 1) - 1 })
      : fc.integer({ min: 0, max: 2 ** bits - 1 });
  };

  for (const name of Object.keys(RECORDS) as RecordName[]) {
    it(`${name}: comes back, in either style and whatever its types and order are`, () => {
      const shape = Object.fromEntries(fieldsOf(name).map((field) => [field.name, anyValue(field.type)]));
      fc.assert(
        fc.property(fc.record(shape, { requiredKeys: [], noNullPrototype: true }), (drawn) => {
          const values = drawn as RecordValues;
          for (const style of [REQUEST_STYLE, RESPONSE_STYLE]) {
            const written = parseElement(formatElement(writeRecord(values, name, style)));
            assert.deepEqual(readRecord(written, name), { values, rest: [] });
            const untyped = { ...written, attributes: { type: name.toLowerCase() } };
            const children = [...written.children].reverse().map((child) => ({ ...child, attributes: {} }));
            assert.deepEqual(readRecord({ ...untyped, children }, name).values, values);
          }
        }),
        { numRuns: 30 },
      );
    });
  }
});
