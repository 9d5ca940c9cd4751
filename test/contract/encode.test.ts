import assert from "node:assert/strict";
import { ContractError, type ContractReason, encodeElement } from "../../src/contract/codec.ts";
import { NAMESPACES } from "../../src/contract/generated/tables.ts";
import { CONFIGURATION, DEVICE, decode, namesIn, refuses, withRoot } from "./codec-parts.ts";

describe("encoding an element", () => {
  it("leaves inherited children in the namespace of the schema that declares them", () => {
    const xml = encodeElement("sm-configuration:GetKeysResponse", {
      Result: "OK",
      GetKeysResponseData: [{ Result: "OK", secretType: "E_METER_MASTER_KEY", secretValue: Uint8Array.of(1) }],
    });
    withRoot(xml, (root) =>
      assert.deepEqual(namesIn(root), [
        [CONFIGURATION, "GetKeysResponse"],
        [CONFIGURATION, "Result"],
        [CONFIGURATION, "GetKeysResponseData"],
        [NAMESPACES.common, "Result"],
        [CONFIGURATION, "secretType"],
        [CONFIGURATION, "secretValue"],
      ]),
    );
  });

  it("declares namespaces on the root only, and xsi only where something can be nil", () => {
    const nothing = { DeviceIdentification: DEVICE, CorrelationUid: "x".repeat(20) };
    const plain = encodeElement("sm-configuration:GetKeysAsyncResponse", nothing);
    assert.equal(
      plain,
      `<sm-configuration:GetKeysAsyncResponse xmlns:sm-configuration="${CONFIGURATION}" xmlns:common="${NAMESPACES.common}">` +
        `<common:DeviceIdentification>${DEVICE}</common:DeviceIdentification>` +
        `<common:CorrelationUid>${"x".repeat(20)}</common:CorrelationUid></sm-configuration:GetKeysAsyncResponse>`,
    );
    const scanned = encodeElement("sm-adhoc:ScanMbusChannelsResponse", {
      Result: "OK",
      ChannelShortId: [{ Channel: 1, ShortId: null }],
    });
    assert.match(scanned, /^<[^>]* xmlns:xsi="[^"]*">.*<sm-adhoc:ShortId xsi:nil="true"\/>/);
    assert.equal(scanned.match(/xmlns:/g)?.length, 3);
  });

  it("follows the schema's order, not that of the properties", () => {
    const xml = encodeElement("common:TechnicalFault", {
      InnerMessage: "4",
      InnerException: "3",
      Component: "2",
      Message: "1",
    });
    assert.equal(xml.replace(/<[^>]*>/g, ""), "1234");
  });

  it("escapes markup and keeps line ends", () => {
    const text = "a<b>&amp;\r\n]]>\u{1F600}";
    const xml = encodeElement("common:TechnicalFault", {
      Message: text,
      Component: "",
      InnerException: "",
      InnerMessage: "",
    });
    assert.ok(xml.includes("a&lt;b&gt;&amp;amp;&#13;\n]]&gt;\u{1F600}"));
    assert.equal(decode("common:TechnicalFault", xml).Message, text);
  });

  const fault = { Message: "", Component: "", InnerException: "", InnerMessage: "" };

  it("refuses characters that XML cannot hold", () => {
    for (const character of ["\u0000", "\u000b", "\u001f", "\uffff", "\ud800", "\udc00"]) {
      refuses("INVALID_CHARACTER", "INTERNAL", /^common:TechnicalFault\.Message holds a character/, () =>
        encodeElement("common:TechnicalFault", { ...fault, Message: `a${character}b` }),
      );
    }
  });

  it("refuses what is missing, of another type or out of its range, naming the place", () => {
    const device = { DeviceIdentification: DEVICE };
    const refused: [ContractReason, RegExp, () => unknown][] = [
      [
        "MISSING_ELEMENT",
        /^sm-configuration:SetSpecialDaysRequest\.SpecialDaysRequestData must be given$/,
        () => encodeElement("sm-configuration:SetSpecialDaysRequest", device as never),
      ],
      [
        "MISSING_ELEMENT",
        /^sm-configuration:SpecialDaysRequestData\.SpecialDays occurs 0 times, not 1 to 30$/,
        () =>
          encodeElement("sm-configuration:SetSpecialDaysRequest", {
            ...device,
            SpecialDaysRequestData: { SpecialDays: [] },
          }),
      ],
      [
        "INVALID_VALUE",
        /^sm-configuration:SpecialDaysRequestData\.SpecialDays is not a list$/,
        () =>
          encodeElement("sm-configuration:SetSpecialDaysRequest", {
            ...device,
            SpecialDaysRequestData: { SpecialDays: {} as never },
          }),
      ],
      [
        "INVALID_VALUE",
        /^common:MessagePriority is not a value of xsd:int$/,
        () => encodeElement("common:MessagePriority", 1.5),
      ],
      [
        "INVALID_VALUE",
        /^common:ScheduleTime is not a value of xsd:long$/,
        () => encodeElement("common:ScheduleTime", 2n ** 63n),
      ],
      [
        "INVALID_VALUE",
        /Enabled is not one of the values allowed$/,
        () => encodeElement("sm-configuration:GetAdministrativeStatusResponse", { Enabled: "on" as never }),
      ],
      [
        "INVALID_VALUE",
        /SpecialDaysRequestData is not an object$/,
        () =>
          encodeElement("sm-configuration:SetSpecialDaysRequest", { ...device, SpecialDaysRequestData: null as never }),
      ],
    ];
    for (const [reason, message, act] of refused) refuses(reason, "INTERNAL", message, act);
  });

  it("keeps what a value holds out of the error", () => {
    const secretValue = "00112233445566778899AABBCCDDEEFF" as never;
    assert.throws(
      () =>
        encodeElement("sm-configuration:GetKeysResponse", {
          Result: "OK",
          GetKeysResponseData: [{ secretType: "E_METER_MASTER_KEY", secretValue }],
        }),
      (error) => error instanceof ContractError && !JSON.stringify([error.message, error.context]).includes("0011"),
    );
  });
});
