import assert from "node:assert/strict";
import { type ContractReason, decodeElement } from "../../src/contract/codec.ts";
import { NAMESPACES } from "../../src/contract/generated/tables.ts";
import { validate } from "../../src/contract/schema.ts";
import { CONFIGURATION, DEVICE, decode, refuses, specialDays, withRoot } from "./codec-parts.ts";

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
