import assert from "node:assert/strict";
import fc from "fast-check";
import { XmlDocument, XmlElement } from "libxml2-wasm";
import {
  ContractError,
  type ContractReason,
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

const CONFIGURATION = NAMESPACES["sm-configuration"];
const DEVICE = "TEST1024000000001";

function withRoot<T>(xml: string, use: (root: XmlElement, document: XmlDocument) => T): T {
  const document = XmlDocument.fromString(xml);
  try {
    return use(document.root, document);
  } finally {
    document.dispose();
  }
}

function decode<N extends ElementName>(name: N, xml: string): ElementTypes[N] {
  return withRoot(xml, (root) => decodeElement(root, name));
}

/** Every element below and including `root` as [schema namespace, local name], in document order. */
function namesIn(root: XmlElement): [string, string][] {
  const names: [string, string][] = [[root.namespaceUri, root.name]];
  for (let node = root.firstChild; node; node = node.next) {
    if (node instanceof XmlElement) names.push(...namesIn(node));
  }
  return names;
}

function refuses(reason: ContractReason, code: "VALIDATION_ERROR" | "INTERNAL", message: RegExp, act: () => unknown) {
  assert.throws(act, (error) => {
    assert.ok(error instanceof ContractError);
    assert.deepEqual([error.reason, error.code], [reason, code]);
    assert.match(error.message, message);
    return true;
  });
}

/** A SetSpecialDaysRequest in the default namespace around the given special days. */
function specialDays(days: string): string {
  return (
    `<SetSpecialDaysRequest xmlns="${CONFIGURATION}"><DeviceIdentification>${DEVICE}</DeviceIdentification>` +
    `<SpecialDaysRequestData>${days}</SpecialDaysRequestData></SetSpecialDaysRequest>`
  );
}

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

describe("decoding an element", () => {
  const day = (date: string, id: string) =>
    `<SpecialDays><specialDayDate>${date}</specialDayDate><dayId>${id}</dayId></SpecialDays>`;

  it("reads numbers with sign and leading zeros, and octets in either case, with white space around", () => {
    const { SpecialDaysRequestData } = decode(
      "sm-configuration:SetSpecialDaysRequest",
      specialDays(`${day(" 07e10C1fFF\n", "\t+007 ")}<!-- between -->${day("FFFFFFFFFF", "-0")}`),
    );
    assert.deepEqual(SpecialDaysRequestData.SpecialDays, [
      { specialDayDate: Uint8Array.of(0x07, 0xe1, 0x0c, 0x1f, 0xff), dayId: 7 },
      { specialDayDate: new Uint8Array(5).fill(0xff), dayId: 0 },
    ]);
  });

  it("joins text that comments and CDATA sections divide", () => {
    const xml = specialDays(day("07<!-- c -->E1<![CDATA[0C1F]]>FF", "&#49;2"));
    const [first] = decode("sm-configuration:SetSpecialDaysRequest", xml).SpecialDaysRequestData.SpecialDays;
    assert.deepEqual(first, { specialDayDate: Uint8Array.of(0x07, 0xe1, 0x0c, 0x1f, 0xff), dayId: 12 });
  });

  it("puts a default in the place of an empty element and of an absent one", () => {
    const object = (dataIndex: string) =>
      `<PushObjectList><ClassId>1</ClassId><LogicalName>${["a", "b", "c", "d", "e", "f"]
        .map((letter) => `<c:${letter}>0</c:${letter}>`)
        .join("")}</LogicalName><AttributeIndex>2</AttributeIndex>${dataIndex}</PushObjectList>`;
    const xml =
      `<SetPushSetupAlarmRequest xmlns="${CONFIGURATION}" xmlns:c="${NAMESPACES.common}">` +
      `<DeviceIdentification>${DEVICE}</DeviceIdentification><SetPushSetupAlarmRequestData><PushSetupAlarm>` +
      `${object("")}${object("<DataIndex/>")}${object("<DataIndex>5</DataIndex>")}` +
      "</PushSetupAlarm></SetPushSetupAlarmRequestData></SetPushSetupAlarmRequest>";
    withRoot(xml, (root, document) => {
      assert.deepEqual(validate(document), []);
      const { PushSetupAlarm } = decodeElement(
        root,
        "sm-configuration:SetPushSetupAlarmRequest",
      ).SetPushSetupAlarmRequestData;
      assert.deepEqual(
        PushSetupAlarm.PushObjectList.map((one) => one.DataIndex),
        [0, 0, 5],
      );
      assert.ok(!("Host" in PushSetupAlarm));
    });
  });

  it("tells a nil element from an empty one", () => {
    const xml =
      `<ScanMbusChannelsResponse xmlns="${NAMESPACES["sm-adhoc"]}" xmlns:x="http://www.w3.org/2001/XMLSchema-instance">` +
      '<Result>OK</Result><ChannelShortId><Channel>2</Channel><ShortId x:nil=" 1 "/></ChannelShortId>' +
      "</ScanMbusChannelsResponse>";
    assert.deepEqual(decode("sm-adhoc:ScanMbusChannelsResponse", xml).ChannelShortId, [{ Channel: 2, ShortId: null }]);
  });

  it("refuses an element other than the one expected", () => {
    refuses("UNKNOWN_ELEMENT", "VALIDATION_ERROR", /^\/SetSpecialDaysRequest is not the element/, () =>
      decode("sm-configuration:GetKeysRequest", specialDays("")),
    );
    refuses("UNKNOWN_ELEMENT", "VALIDATION_ERROR", /is not the element/, () =>
      decode("common:UserName", "<UserName>somebody</UserName>"),
    );
  });

  it("refuses children that are unknown, out of order, one too many, too few, or in another namespace", () => {
    const days = (xml: string) => () => decode("sm-configuration:SetSpecialDaysRequest", specialDays(xml));
    const path = "/SetSpecialDaysRequest/SpecialDaysRequestData";
    const refused: [ContractReason, string, string][] = [
      ["UNEXPECTED_ELEMENT", `${day("07E10C1FFF", "1")}<Other/>`, `${path}/Other is not expected here`],
      ["MISSING_ELEMENT", "<Other/>", `${path} lacks SpecialDays (0 of at least 1)`],
      ["MISSING_ELEMENT", "", `${path} lacks SpecialDays (0 of at least 1)`],
      [
        "MISSING_ELEMENT",
        "<SpecialDays><dayId>1</dayId><specialDayDate>07E10C1FFF</specialDayDate></SpecialDays>",
        `${path}/SpecialDays lacks specialDayDate (0 of at least 1)`,
      ],
      [
        "UNEXPECTED_ELEMENT",
        "<SpecialDays><specialDayDate>07E10C1FFF</specialDayDate><dayId>1</dayId><dayId>1</dayId></SpecialDays>",
        `${path}/SpecialDays/dayId[2] is not expected here`,
      ],
      [
        "MISSING_ELEMENT",
        '<SpecialDays xmlns="urn:other"><specialDayDate>07E10C1FFF</specialDayDate><dayId>1</dayId></SpecialDays>',
        `${path} lacks SpecialDays (0 of at least 1)`,
      ],
      ["UNEXPECTED_ELEMENT", day("07E10C1FFF", "1").repeat(31), `${path}/SpecialDays[31] is not expected here`],
    ];
    for (const [reason, xml, message] of refused) {
      refuses(reason, "VALIDATION_ERROR", new RegExp(`^${message.replace(/[[\]()]/g, "\\$&")}$`), days(xml));
    }
  });

  it("refuses values that are not of their type, without repeating them", () => {
    for (const [date, id, place] of [
      ["07E10C1FF", "1", "specialDayDate"],
      ["07E10C1FFG", "1", "specialDayDate"],
      ["07 E10C1FFF", "1", "specialDayDate"],
      ["07E10C1FFF", "2147483648", "dayId"],
      ["07E10C1FFF", "1e3", "dayId"],
      ["07E10C1FFF", "", "dayId"],
      ["07E10C1FFF", "9".repeat(100_000), "dayId"],
    ] as const) {
      refuses("INVALID_VALUE", "VALIDATION_ERROR", new RegExp(`/${place} is not a value of xsd:\\w+$`), () =>
        decode("sm-configuration:SetSpecialDaysRequest", specialDays(day(date, id))),
      );
    }
    refuses("INVALID_VALUE", "VALIDATION_ERROR", /\/Enabled is not one of the values allowed$/, () =>
      decode(
        "sm-configuration:GetAdministrativeStatusResponse",
        `<GetAdministrativeStatusResponse xmlns="${CONFIGURATION}"><Enabled>on</Enabled></GetAdministrativeStatusResponse>`,
      ),
    );
  });
});
