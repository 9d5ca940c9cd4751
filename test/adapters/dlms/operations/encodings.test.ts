import assert from "node:assert/strict";
import { encodeMeterTime } from "../../../../src/adapters/dlms/operations/clock.ts";
import {
  decodeConfiguration,
  encodeConfiguration,
  mergeConfiguration,
  toConfigurationObject,
} from "../../../../src/adapters/dlms/operations/configuration-object.ts";
import { encodeCaptureObjects } from "../../../../src/adapters/dlms/operations/configure-definable-load-profile.ts";
import { formatDebugText } from "../../../../src/adapters/dlms/operations/debug-text.ts";
import { toJson } from "../../../../src/adapters/dlms/operations/get-all-attribute-values.ts";
import { formatIdentification, formatManufacturer } from "../../../../src/adapters/dlms/operations/mbus-channel.ts";
import { decodeObjectList } from "../../../../src/adapters/dlms/operations/object-list.ts";
import { encodeCaptureObject, encodeSendDestination } from "../../../../src/adapters/dlms/operations/push-setup.ts";
import { encodePassiveCalendar } from "../../../../src/adapters/dlms/operations/set-activity-calendar.ts";
import { overlayFilter } from "../../../../src/adapters/dlms/operations/set-alarm-notifications.ts";
import { encodeRandomisationSettings } from "../../../../src/adapters/dlms/operations/set-randomisation-settings.ts";
import { encodeSpecialDays } from "../../../../src/adapters/dlms/operations/set-special-days.ts";
import { encodeExecutionTime } from "../../../../src/adapters/dlms/operations/test-alarm-scheduler.ts";
import { findProfile } from "../../../../src/adapters/dlms/profiles/index.ts";
import { type CosemData, cosem } from "../../../../src/dlms/data.ts";
import { decodeData, encodeData } from "../../../../src/dlms/data-codec.ts";
import { MetergateError } from "../../../../src/domain/errors.ts";
import { fromHex, toHex } from "../../../../src/lib/bytes.ts";
import { parseObis } from "../../../../src/lib/obis.ts";
import type { WeekProfile } from "../../../../src/operations/activity-calendar.ts";
import type { ConfigurationObject } from "../../../../src/operations/configuration-object.ts";
import { withCode } from "../devices.ts";

/** Octets in hexadecimal; blanks in what is expected mark the fields. */
const assertEncodes = (data: CosemData, expected: string) =>
  assert.equal(toHex(encodeData(data)), expected.replaceAll(" ", ""));

const layoutOf = (name: string, version: string) => findProfile({ name, version }).configuration!;
const DSMR4 = layoutOf("DSMR", "4.2.2");
const SMR43 = layoutOf("SMR", "4.3");
const SMR5 = layoutOf("SMR", "5.0.0");

describe("SetSpecialDays", () => {
  it("numbers the days from 0 and keeps wildcards", () => {
    const days = [
      { date: "07E6010102", dayId: 3 },
      { date: "FFFFFFFFFF", dayId: 1 },
    ];
    assertEncodes(encodeSpecialDays(days), "0102 0203 120000 090507E6010102 1103 0203 120001 0905FFFFFFFFFF 1101");
  });
});

describe("SetActivityCalendar", () => {
  const day = (dayId: number, scriptSelector: number) => ({
    dayId,
    actions: [{ startTime: "06000000", scriptSelector }],
  });
  const workday = day(1, 2);
  const weekend = day(2, 1);
  const week = (name: string): WeekProfile => ({
    name,
    days: [workday, workday, workday, workday, workday, weekend, weekend],
  });
  const parts = encodePassiveCalendar({
    name: "CAL",
    activatePassiveCalendarTime: "FFFFFFFFFFFFFFFFFF800000",
    seasons: [
      { name: "1", start: "FFFF0101FFFFFFFFFF800000", week: week("1") },
      { name: "2", start: "FFFF0701FFFFFFFFFF800000", week: week("1") },
    ],
  });

  it("writes name, seasons, weeks and days in this order", () => {
    assert.deepEqual(
      parts.map(({ attribute }) => attribute),
      [6, 7, 8, 9],
    );
  });

  it("sends names of seasons and weeks as one octet, each week and day once", () => {
    assertEncodes(parts[0]!.value, "0903 43414C");
    assertEncodes(
      parts[1]!.value,
      "0102 0203 0901 01 090C FFFF0101FFFFFFFFFF800000 0901 01 0203 0901 02 090C FFFF0701FFFFFFFFFF800000 0901 01",
    );
    assertEncodes(parts[2]!.value, "0101 0208 0901 01 1101 1101 1101 1101 1101 1102 1102");
    assertEncodes(
      parts[3]!.value,
      "0102 0202 1101 0101 0203 0904 06000000 0906 00000A0064FF 120002 " +
        "0202 1102 0101 0203 0904 06000000 0906 00000A0064FF 120001",
    );
  });
});

describe("the configuration object", () => {
  const flagsOn = ({ flags }: ConfigurationObject) => flags.filter(({ enabled }) => enabled).map(({ flag }) => flag);

  it("reads 5220 as bits 1, 3, 6 and 10", () => {
    const object = toConfigurationObject(SMR43, decodeConfiguration(SMR43, decodeData(fromHex("0202 1601 0410 5220"))));
    assert.equal(object.gprsOperationMode, "ALWAYS_ON");
    assert.deepEqual(flagsOn(object), [
      "DISCOVER_ON_POWER_ON",
      "PO_ENABLE",
      "HLS_5_ON_P3_ENABLE",
      "DIRECT_ATTACH_AT_POWER_ON",
    ]);
    assert.equal(object.flags.length, 11);
  });

  it("reads a bit-string without a mode in SMR 5", () => {
    const object = toConfigurationObject(SMR5, decodeConfiguration(SMR5, decodeData(fromHex("0410 1220"))));
    assert.equal(object.gprsOperationMode, undefined);
    assert.deepEqual(flagsOn(object), ["PO_ENABLE", "HLS_5_ON_P3_ENABLE", "DIRECT_ATTACH_AT_POWER_ON"]);
    assert.equal(object.flags.length, 10);
  });

  it("changes what the request names and keeps the rest, bits without a name included", () => {
    const current = decodeConfiguration(DSMR4, decodeData(fromHex("0202 1602 0410 5221")));
    const merged = mergeConfiguration(DSMR4, current, {
      gprsOperationMode: "ALWAYS_ON",
      flags: [
        { flag: "DISCOVER_ON_OPEN_COVER", enabled: true },
        { flag: "PO_ENABLE", enabled: false },
      ],
    });
    assertEncodes(encodeConfiguration(merged), "0202 1601 0410 C221");
  });

  it("keeps the meter's mode when the request has none, and has none in SMR 5 even if the request has", () => {
    const triggered = decodeConfiguration(DSMR4, decodeData(fromHex("0202 1602 0410 0000")));
    assertEncodes(encodeConfiguration(mergeConfiguration(DSMR4, triggered, { flags: [] })), "0202 1602 0410 0000");
    const smr5 = decodeConfiguration(SMR5, decodeData(fromHex("0410 0000")));
    const request: ConfigurationObject = {
      gprsOperationMode: "TRIGGERED",
      flags: [{ flag: "HLS_7_ON_P0_ENABLE", enabled: true }],
    };
    assertEncodes(encodeConfiguration(mergeConfiguration(SMR5, smr5, request)), "0410 0002");
  });

  it("refuses to set a flag that the protocol lacks, and overlooks it when it is to be off", () => {
    const current = decodeConfiguration(SMR5, decodeData(fromHex("0410 1220")));
    const flag = "HLS_3_ON_P3_ENABLE";
    assert.throws(
      () => mergeConfiguration(SMR5, current, { flags: [{ flag, enabled: true }] }),
      new MetergateError(
        "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL",
        "ConfigurationFlagTypeDto HLS_3_ON_P3_ENABLE not known for protocol",
      ),
    );
    const merged = mergeConfiguration(SMR5, current, { flags: [{ flag, enabled: false }] });
    assertEncodes(encodeConfiguration(merged), "0410 1220");
  });
});

describe("push setup", () => {
  it("sends transport, host:port in ASCII and message type", () => {
    assertEncodes(
      encodeSendDestination({ host: "10.0.0.7", port: 4059 }, 0, 128),
      "0203 1600 090D 31302E302E302E373A34303539 1680",
    );
    assertEncodes(encodeSendDestination({ host: "h", port: 1 }, 1, 0), "0203 1601 0903 683A31 1600");
  });

  it("puts an IPv6 address into brackets, and refuses a host that is neither name nor address", () => {
    const destination = Buffer.from("[2001:db8::1]:9598").toString("hex");
    for (const host of ["2001:db8::1", "[2001:db8::1]"]) {
      assertEncodes(
        encodeSendDestination({ host, port: 9598 }, 0, 0),
        `0203 1600 0912 ${destination.toUpperCase()} 1600`,
      );
    }
    for (const host of ["10.0.0.7:80", "2001:db8::g", "[host]", "a b", "h\u00e9", ""]) {
      assert.throws(
        () => encodeSendDestination({ host, port: 1 }, 0, 0),
        withCode("VALIDATION_ERROR", /neither a name nor an address/),
        host,
      );
    }
  });

  it("sends a push object as class, logical name, attribute and data index", () => {
    const object = { classId: 1, logicalName: parseObis("0.0.97.98.0.255"), attribute: 2, dataIndex: 0 };
    assertEncodes(encodeCaptureObject(object), "0204 120001 0906 0000616200FF 0F02 120000");
  });
});

describe("ConfigureDefinableLoadProfile", () => {
  const clock = { classId: 8, logicalName: parseObis("0.0.1.0.0.255"), attribute: 2, dataIndex: 0 };
  const voltage = { classId: 3, logicalName: parseObis("1.0.32.7.0.255"), attribute: 2, dataIndex: 0 };
  const expected = "0102 0204 120008 0906 0000010000FF 0F02 120000 0204 120003 0906 0100200700FF 0F02 120000";

  it("puts the clock in front, whether or not it is asked for", () => {
    assertEncodes(encodeCaptureObjects([voltage]), expected);
    assertEncodes(encodeCaptureObjects([voltage, clock]), expected);
  });
});

describe("SetAlarmNotifications", () => {
  it("switches the alarms of its register by their bit, up to the highest", () => {
    const wishes = [
      { alarm: "REPLACE_BATTERY", enabled: true },
      { alarm: "CLOCK_INVALID", enabled: false },
      { alarm: "PHASE_OUTAGE_TEST_INDICATION", enabled: true },
      { alarm: "LAST_GASP", enabled: true },
    ];
    assert.equal(overlayFilter(0x1005, 1, wishes), 0x80001006);
    assert.equal(overlayFilter(0, 3, wishes), 1);
    assert.equal(overlayFilter(0xffffffff, 2, wishes), 0xffffffff);
  });
});

describe("SetRandomisationSettings", () => {
  it("sends window, factor and retries", () => {
    assertEncodes(
      encodeRandomisationSettings({
        directAttach: false,
        randomisationStartWindow: 65_535,
        multiplicationFactor: 7,
        numberOfRetries: 31,
      }),
      "0203 060000FFFF 120007 12001F",
    );
  });
});

describe("SynchronizeTime", () => {
  it("sends local time with its deviation, daylight saving in the status, no day of week", () => {
    const summer = Date.UTC(2026, 6, 15, 10, 20, 30, 450);
    assert.equal(toHex(encodeMeterTime(summer, "Europe/Amsterdam")), "07EA070FFF0C141E2DFF8880");
    const winter = Date.UTC(2026, 0, 15, 10, 20, 30, 0);
    assert.equal(toHex(encodeMeterTime(winter, "Europe/Amsterdam")), "07EA010FFF0B141E00FFC400");
  });
});

describe("TestAlarmScheduler", () => {
  it("sends time and date in the meter's zone", () => {
    const at = Date.UTC(2026, 6, 15, 22, 0, 0);
    assertEncodes(encodeExecutionTime(at, "Europe/Amsterdam"), "0101 0202 0904 00000000 0905 07EA0710FF");
  });

  it("sends whole seconds only: hundredths must be 0 in an execution time", () => {
    const at = Date.UTC(2026, 6, 15, 10, 0, 0, 750);
    assertEncodes(encodeExecutionTime(at, "Europe/Amsterdam"), "0101 0202 0904 0C000000 0905 07EA070FFF");
  });
});

describe("M-Bus identities", () => {
  it("reads the identification number as BCD in version 0 of the class, as a number in version 1", () => {
    assert.equal(formatIdentification(302343985, 0), "12056731");
    assert.equal(formatIdentification(12056731, 1), "12056731");
    assert.equal(formatIdentification(0, 0), "00000000");
    assert.equal(formatIdentification(7, 1), "00000007");
  });

  it("says so when the number is none", () => {
    const text = (value: number) => `DOUBLE_LONG_UNSIGNED Value: ${value} (Cannot not be correctly interpreted)`;
    assert.equal(formatIdentification(0x1205673a, 0), text(0x1205673a));
    assert.equal(formatIdentification(100_000_000, 1), text(100_000_000));
    assert.equal(formatIdentification(0xffffffff, 0), text(0xffffffff));
  });

  it("reads three letters from a manufacturer code, none from 0", () => {
    assert.equal(formatManufacturer(12514), "LGB");
    assert.equal(formatManufacturer(0), "");
  });
});

describe("the object list", () => {
  const element = (methodMode: string) =>
    `0101 0204 120008 1100 0906 0000010000FF 0202 0102 0203 0F01 1601 00 0203 0F02 1603 0102 0F01 0F02 0101 0202 0F01 ${methodMode}`;
  const expected = {
    classId: 8,
    version: 0,
    logicalName: "0.0.1.0.0.255",
    attributes: [
      { id: 1, mode: 1, selectors: [] },
      { id: 2, mode: 3, selectors: [1, 2] },
    ],
    methods: [{ id: 1, mode: 1 }],
  };

  it("gives class, name and access rights of each object", () => {
    assert.deepEqual(decodeObjectList(decodeData(fromHex(element("1601")))), [expected]);
  });

  it("takes the boolean that old associations have for the access to a method", () => {
    assert.deepEqual(decodeObjectList(decodeData(fromHex(element("0301")))), [expected]);
  });
});

describe("the text of an attribute value", () => {
  it("names type, kind and class, and prints the value", () => {
    assert.equal(
      formatDebugText(cosem.longUnsigned(215)),
      "DataObject: Choice=LONG_UNSIGNED, ResultData isNumber, value=[java.lang.Integer]: 215",
    );
    assert.equal(
      formatDebugText(cosem.octetString(Uint8Array.of(77, 53, 255))),
      "DataObject: Choice=OCTET_STRING, ResultData isByteArray, value=[[B]: bytes[77, 53, 255]",
    );
    assert.equal(
      formatDebugText(cosem.nullData()),
      "DataObject: Choice=NULL_DATA, ResultData isNull, value=[null]: null",
    );
  });

  it("takes six octets for a logical name and twelve for a time", () => {
    assert.match(formatDebugText(cosem.logicalName(parseObis("0.1.25.9.0.255"))), /: logical name: 0-1:25\.9\.0\.255$/);
    assert.match(
      formatDebugText(cosem.octetString(fromHex("07E6 01 02 FF 0A 0B 0C FF FFC4 80"))),
      /: year=2022, month=1, day=2, weekday=-1, hour=10, minute=11, second=12, hundredths=-1, deviation=-60, clockstatus=-128$/,
    );
  });

  it("nests arrays and structures with a tab and a line for each element", () => {
    assert.equal(
      formatDebugText(cosem.array([cosem.structure([cosem.integer(-2)])])),
      "DataObject: Choice=ARRAY, ResultData isComplex, value=[java.util.LinkedList]: [\n" +
        "\tDataObject: Choice=STRUCTURE, ResultData isComplex, value=[java.util.LinkedList]: [\n" +
        "\tDataObject: Choice=INTEGER, ResultData isNumber, value=[java.lang.Byte]: -2\n]\n\n]\n",
    );
  });

  it("prints the octets of a bit-string in binary", () => {
    assert.match(
      formatDebugText(cosem.bitString(fromHex("5220"))),
      /: number of bytes=2, value=21024, bits=01010010 00100000 $/,
    );
  });

  it("prints a bit-string without bits as clients know it", () => {
    assert.match(
      formatDebugText(cosem.bitString(new Uint8Array(0))),
      /ResultData isBitString.*: number of bytes=0, value=null, bits=null$/,
    );
  });

  it("becomes JSON without losing digits, NaN or infinity", () => {
    const data = cosem.structure([
      cosem.octetString(fromHex("00FF")),
      cosem.bitString(fromHex("A0"), 3),
      cosem.long64Unsigned(2n ** 64n - 1n),
      cosem.boolean(true),
      cosem.nullData(),
      cosem.float32(0.5),
      cosem.float32(Number.NaN),
      cosem.float64(Number.NEGATIVE_INFINITY),
    ]);
    const floats = [0.5, "NaN", "-Infinity"];
    assert.deepEqual(toJson(data), ["00FF", "101", "18446744073709551615", true, null, ...floats]);
  });
});
