import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decodeElement,
  type ElementName,
  type ElementTypes,
  elementNameOf,
  encodeElement,
  qualifiedName,
} from "../../src/contract/codec.ts";
import { decodeRoot } from "../../src/contract/decode.ts";
import { encodeRoot } from "../../src/contract/encode.ts";
import type { common, smBundle, smMonitoring } from "../../src/contract/generated/index.ts";
import { COMPLEX_TYPES, ELEMENTS, NAMESPACES } from "../../src/contract/generated/tables.ts";
import { makeField } from "../../src/contract/model.ts";
import { validate } from "../../src/contract/schema.ts";
import { valuesOf, valuesOfType } from "./arbitraries.ts";
import { CONFIGURATION, DEVICE, decode, namesIn, refuses, withRoot } from "./codec-parts.ts";

describe("the contract's codec", () => {
  for (const name of Object.keys(ELEMENTS) as ElementName[]) {
    it(`writes ${name} as the schema demands it and reads it back`, () => {
      fc.assert(
        fc.property(valuesOf(name), (value) => {
          const xml = encodeElement(name, value as ElementTypes[typeof name]);
          withRoot(xml, (root, document) => {
            assert.deepEqual(validate(document), []);
            assert.deepEqual(decodeElement(root, name), value);
          });
        }),
        { numRuns: 5 },
      );
    });
  }

  it("reads back every complex type, also those that no message of these services holds", () => {
    for (const type of Object.keys(COMPLEX_TYPES)) {
      const field = makeField({ name: "Value", schema: "common", type, min: 1, max: 1 }, type);
      fc.assert(
        fc.property(valuesOfType(type), (value) => {
          assert.deepEqual(
            withRoot(encodeRoot(field, value), (root) => decodeRoot(root, field)),
            value,
          );
        }),
        { numRuns: 5 },
      );
    }
  });

  it("keeps the document order inside a repeated choice", () => {
    const type = "common:ProfileEntryValue";
    const field = makeField({ name: "Value", schema: "common", type, min: 1, max: 1 }, type);
    const value: common.ProfileEntryValue = {
      items: [
        { name: "LongValue", value: 2n ** 60n },
        { name: "StringValue", value: "a" },
        { name: "LongValue", value: 1 },
        { name: "FloatValue", value: "1.50" },
        { name: "DateValue", value: new Date("2024-01-02T03:04:05.678Z") },
        { name: "StringValue", value: "" },
      ],
    };
    const xml = encodeRoot(field, value);
    assert.equal(
      xml.replace(/ xmlns:\w+="[^"]*"/g, "").replaceAll("common:", ""),
      `<Value><LongValue>${2n ** 60n}</LongValue><StringValue>a</StringValue><LongValue>1</LongValue>` +
        "<FloatValue>1.50</FloatValue><DateValue>2024-01-02T03:04:05.678Z</DateValue><StringValue></StringValue></Value>",
    );
    assert.deepEqual(
      withRoot(xml, (root) => decodeRoot(root, field)),
      value,
    );
    const other = { items: [{ name: "Other", value: 1 }] };
    refuses("UNEXPECTED_ELEMENT", "INTERNAL", /items names an element that the choice does not offer$/, () =>
      encodeRoot(field, other),
    );
    refuses("MISSING_ELEMENT", "VALIDATION_ERROR", /lacks StringValue or DateValue or FloatValue or LongValue/, () =>
      withRoot(`<Value xmlns="${NAMESPACES.common}"/>`, (root) => decodeRoot(root, field)),
    );
  });

  it("keeps the document order of a bundle's actions across their names", () => {
    const order = [
      ["ReadAlarmRegisterRequest", {}],
      ["SetAdministrativeStatusRequest", { AdministrativeStatusType: "ON" }],
      ["ReadAlarmRegisterRequest", {}],
      ["GetActualMeterReadsGasRequest", { DeviceIdentification: DEVICE }],
      ["SetAdministrativeStatusRequest", { AdministrativeStatusType: "OFF" }],
      ["GetActualMeterReadsGasRequest", { DeviceIdentification: DEVICE }],
    ] as const;
    const items = order.map(([name, value]) => ({ name, value })) as smBundle.Actions["items"];
    const value = { DeviceIdentification: DEVICE, Actions: { items } };
    const xml = encodeElement("sm-bundle:BundleRequest", value);
    withRoot(xml, (root, document) => {
      assert.deepEqual(validate(document), []);
      const actions = namesIn(root).filter(([, name]) => name.endsWith("Request"));
      assert.deepEqual(
        actions.map(([, name]) => name),
        ["BundleRequest", ...order.map(([name]) => name)],
      );
      assert.deepEqual(decodeElement(root, "sm-bundle:BundleRequest"), value);
    });
  });

  it("keeps a text beside its attributes, to the last digit", () => {
    const type = "sm-monitoring:MeterValue";
    const field = makeField({ name: "Value", schema: "sm-monitoring", type, min: 1, max: 1 }, "Value");
    const value: smMonitoring.MeterValue = { unit: "KWH", value: "9007199254740993.0010" };
    const xml = encodeRoot(field, value);
    assert.match(xml, / unit="KWH">9007199254740993\.0010<\/sm-monitoring:Value>$/);
    const read = (text: string) => withRoot(text, (root) => decodeRoot(root, field));
    assert.deepEqual(read(xml), value);
    refuses("MISSING_ELEMENT", "VALIDATION_ERROR", /^\/Value lacks the attribute unit$/, () =>
      read(xml.replace(' unit="KWH"', "")),
    );
    refuses("INVALID_VALUE", "VALIDATION_ERROR", /^\/Value is not one of the values allowed$/, () =>
      read(xml.replace("KWH", "kWh")),
    );
    refuses("MISSING_ELEMENT", "INTERNAL", /^sm-monitoring:MeterValue\.unit must be given$/, () =>
      encodeRoot(field, { value: "1" }),
    );
    refuses("INVALID_VALUE", "INTERNAL", /^Value is not a value of xsd:decimal$/, () =>
      encodeRoot(field, { unit: "KWH", value: 1 }),
    );
  });

  it("takes the children of an optional sequence together or not at all", () => {
    const name = "sm-installation:DecoupleMbusDeviceByChannelResponse";
    const ChannelElementValues = {
      Channel: 1,
      PrimaryAddress: 1,
      IdentificationNumber: "00000001",
      ManufacturerIdentification: "LGB",
      Version: 66,
      DeviceTypeIdentification: 3,
    };
    const both = { Result: "OK", mbusDeviceIdentification: "TESTG102400000001", ChannelElementValues } as const;
    const half = { Result: "OK", ChannelElementValues } as const;
    assert.deepEqual(decode(name, encodeElement(name, both)), both);
    assert.deepEqual(decode(name, encodeElement(name, { Result: "OK" })), { Result: "OK" });
    refuses("MISSING_ELEMENT", "INTERNAL", /ChannelElementValues must be given exactly when mbusDevice/, () =>
      encodeElement(name, half),
    );
    const xml = encodeElement(name, both);
    for (const [given, missing] of [
      ["ChannelElementValues", "mbusDeviceIdentification"],
      ["mbusDeviceIdentification", "ChannelElementValues"],
    ]) {
      const cut = xml.replace(new RegExp(`<sm-installation:${missing}>.*</sm-installation:${missing}>`), "");
      refuses("MISSING_ELEMENT", "VALIDATION_ERROR", new RegExp(` lacks ${missing}, which belongs to ${given}$`), () =>
        decode(name, cut),
      );
    }
  });

  it("names every global element by schema and local name, and back", () => {
    for (const name of Object.keys(ELEMENTS) as ElementName[]) {
      const { namespace, local } = qualifiedName(name);
      assert.equal(elementNameOf(namespace, local), name);
    }
    assert.equal(elementNameOf(CONFIGURATION, "OrganisationIdentification"), undefined);
    assert.equal(elementNameOf("urn:other", "SetSpecialDaysRequest"), undefined);
    assert.equal(elementNameOf(CONFIGURATION, "toString"), undefined);
  });
});
