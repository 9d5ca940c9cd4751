import assert from "node:assert/strict";
import fc from "fast-check";
import {
  CLOCK_STATUS,
  type CosemDateTime,
  DlmsError,
  dateTimeFromEpochMs,
  dateTimeToEpochMs,
  decodeDate,
  decodeDateTime,
  decodeTime,
  encodeDate,
  encodeDateTime,
  encodeTime,
  formatDate,
  formatDateTime,
  formatTime,
  parseDate,
  parseDateTime,
  parseTime,
} from "../../src/dlms/index.ts";
import { fromHex } from "../../src/lib/bytes.ts";

const ZONES = [
  "UTC",
  "Europe/Amsterdam",
  "Europe/London",
  "America/New_York",
  "Asia/Kolkata",
  "Australia/Sydney",
  "Pacific/Auckland",
] as const;
const AMSTERDAM = "Europe/Amsterdam";

const zone = fc.constantFrom(...ZONES);
/** Hundredths of a second from 2000 to 2037. */
const instantMs = fc
  .integer({ min: Date.UTC(2000, 0, 1) / 10, max: Date.UTC(2037, 0, 1) / 10 })
  .map((hundredths) => hundredths * 10);

const open = (min: number, max: number) => fc.option(fc.integer({ min, max }), { nil: undefined });
const dateTime: fc.Arbitrary<CosemDateTime> = fc.record(
  {
    year: open(0, 65_534),
    month: fc.oneof(open(1, 12), fc.constantFrom("dst-begin" as const, "dst-end" as const)),
    day: fc.oneof(open(1, 31), fc.constantFrom("last" as const, "second-last" as const)),
    dayOfWeek: open(1, 7),
    hour: open(0, 23),
    minute: open(0, 59),
    second: open(0, 59),
    hundredths: open(0, 99),
    deviationMinutes: open(-840, 840),
    clockStatus: open(0, 254),
  },
  { noNullPrototype: true },
);

const isCode = (code: string) => (error: unknown) => error instanceof DlmsError && error.code === code;
const inAmsterdam = (iso: string) => dateTimeFromEpochMs(Date.parse(iso), AMSTERDAM);
const withoutDeviation = (value: CosemDateTime): CosemDateTime => ({ ...value, deviationMinutes: undefined });

describe("COSEM date-time", () => {
  it("decodes what it encodes, and parses what it formats", () => {
    fc.assert(
      fc.property(dateTime, (value) => {
        assert.deepEqual(decodeDateTime(encodeDateTime(value)), value);
        assert.deepEqual(parseDateTime(formatDateTime(value)), value);
      }),
    );
  });

  it("makes a value or a remote error of any octets", () => {
    const octets = fc.uint8Array({ minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(octets, (bytes) => {
        try {
          assert.deepEqual(encodeDateTime(decodeDateTime(bytes)), bytes);
        } catch (error) {
          assert.ok(isCode("remote/malformed")(error));
        }
      }),
    );
  });

  it("comes back to the same instant by its deviation", () => {
    fc.assert(
      fc.property(instantMs, zone, (epochMs, timeZone) => {
        assert.equal(dateTimeToEpochMs(dateTimeFromEpochMs(epochMs, timeZone)), epochMs);
      }),
    );
  });

  it("comes back to the same instant by zone and clock status", () => {
    fc.assert(
      fc.property(instantMs, zone, (epochMs, timeZone) => {
        const local = withoutDeviation(dateTimeFromEpochMs(epochMs, timeZone));
        assert.equal(dateTimeToEpochMs(local, timeZone), epochMs);
      }),
    );
  });

  it("shows local time, deviation and daylight saving of a zone", () => {
    assert.equal(formatDateTime(inAmsterdam("2026-03-29T00:59:59.990Z")), "2026-03-29/7T01:59:59.99+01:00;status=00");
    assert.equal(formatDateTime(inAmsterdam("2026-03-29T01:00:00Z")), "2026-03-29/7T03:00:00.00+02:00;status=80");
    assert.equal(
      formatDateTime(dateTimeFromEpochMs(Date.parse("2026-01-01T00:00:00Z"), "Pacific/Auckland")),
      "2026-01-01/4T13:00:00.00+13:00;status=80",
    );
  });

  it("knows the offset at any time of the days on which it changes, by half an hour or a whole day too", () => {
    for (const [timeZone, year] of [
      ["Europe/Amsterdam", 2026],
      ["Australia/Lord_Howe", 2026],
      ["Pacific/Apia", 2011],
      ["Africa/Casablanca", 2026],
      ["America/St_Johns", 2026],
    ] as const) {
      const format = new Intl.DateTimeFormat("en", { timeZone, timeZoneName: "longOffset" });
      const found = new Set<number>();
      for (let ms = Date.UTC(year, 0, 1); ms < Date.UTC(year + 1, 0, 1); ms += 10_800_000) {
        const [, sign = "+", hours = 0, minutes = 0] = /GMT(?:([+-])(\d\d):(\d\d))?$/.exec(format.format(ms))!;
        const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -1 : 1);
        found.add(offset);
        assert.equal(dateTimeFromEpochMs(ms, timeZone).deviationMinutes, 0 - offset, `${timeZone} ${ms}`);
      }
      assert.ok(found.size > 1, timeZone);
    }
  });

  it("tells the two passes of the hour that comes twice apart by the clock status", () => {
    const summer = withoutDeviation(inAmsterdam("2026-10-25T00:30:00Z"));
    const winter = withoutDeviation(inAmsterdam("2026-10-25T01:30:00Z"));
    assert.deepEqual({ ...summer, clockStatus: 0 }, winter);
    assert.equal(summer.clockStatus, CLOCK_STATUS.daylightSavingActive);
    assert.equal(dateTimeToEpochMs(summer, AMSTERDAM), Date.parse("2026-10-25T00:30:00Z"));
    assert.equal(dateTimeToEpochMs(winter, AMSTERDAM), Date.parse("2026-10-25T01:30:00Z"));
    const unknown = { ...winter, clockStatus: undefined };
    assert.equal(dateTimeToEpochMs(unknown, AMSTERDAM), Date.parse("2026-10-25T00:30:00Z"), "the first pass");
  });

  it("reads a skipped time with the offset before the change", () => {
    assert.equal(
      dateTimeToEpochMs(parseDateTime("2026-03-29T02:30:00"), AMSTERDAM),
      Date.parse("2026-03-29T01:30:00Z"),
    );
  });

  it("names no instant while a part is open, does not exist, or nothing tells the zone", () => {
    for (const text of [
      "*-01-01T00:00:00Z",
      "2026-*-01T00:00:00Z",
      "2026-dst-begin-01T00:00:00Z",
      "2026-01-lastT00:00:00Z",
      "2026-01-01T*:00:00Z",
      "2026-01-01T00:*:00Z",
      "2026-02-29T00:00:00Z",
      "2026-04-31T00:00:00Z",
      "0000-01-01T00:00:00Z",
      "2026-01-01T00:00:00",
    ]) {
      assert.equal(dateTimeToEpochMs(parseDateTime(text)), undefined, text);
    }
    assert.equal(dateTimeToEpochMs(parseDateTime("2026-01-01T00:00:*Z")), Date.parse("2026-01-01T00:00:00Z"));
  });

  it("refuses a zone that is not known and instants that have no year on the wire", () => {
    assert.throws(() => dateTimeFromEpochMs(0, "Europe/Nowhere"), isCode("local/invalid-value"));
    for (const epochMs of [Number.NaN, Number.POSITIVE_INFINITY, 8.64e15, Date.UTC(-1, 0, 1)]) {
      assert.throws(() => dateTimeFromEpochMs(epochMs, "UTC"), isCode("local/invalid-value"));
    }
    assert.equal(dateTimeFromEpochMs(Date.UTC(65_534, 0, 1), "UTC").year, 65_534);
  });

  it("refuses octets out of a field's range and names the octet", () => {
    const good = "07EA0B1506092530 00000000".replace(" ", "");
    assert.equal(decodeDateTime(fromHex(good)).hour, 9);
    const offsets: [string, number][] = [
      ["07EA001506092530 00000000", 2],
      ["07EA0D1506092530 00000000", 2],
      ["07EA0B0006092530 00000000", 3],
      ["07EA0B1508092530 00000000", 4],
      ["07EA0B1506182530 00000000", 5],
      ["07EA0B1506093C30 00000000", 6],
      ["07EA0B150609253C 00000000", 7],
      ["07EA0B1506092530 64000000", 8],
      ["07EA0B1506092530 00034900", 9],
      ["07EA0B1506092530 000000", 11],
    ];
    for (const [hex, offset] of offsets) {
      assert.throws(() => decodeDateTime(fromHex(hex)), { code: "remote/malformed", context: { offset } }, hex);
    }
  });

  it("does not encode fields out of their range", () => {
    const value = inAmsterdam("2026-01-01T00:00:00Z");
    for (const wrong of [
      { year: 65_535 },
      { month: 13 },
      { day: 0 },
      { hour: 24 },
      { minute: 1.5 },
      { clockStatus: 255 },
    ]) {
      assert.throws(() => encodeDateTime({ ...value, ...wrong }), isCode("local/invalid-value"));
    }
  });

  it("does not parse text of another form", () => {
    for (const text of [
      "",
      "2026-01-01",
      "2026-1-1T00:00:00",
      "2026-13-01T00:00:00",
      "2026-01-01T00:00",
      "2026-01-01T00:00:00+1",
      "2026-01-01T00:00:00;status=ff",
    ]) {
      assert.throws(() => parseDateTime(text), isCode("local/invalid-value"), text);
    }
  });
});

describe("COSEM date and time", () => {
  it("have 5 and 4 octets", () => {
    const date = parseDate("*-12-25/5");
    assert.deepEqual(encodeDate(date), fromHex("FFFF0C1905"));
    assert.deepEqual(decodeDate(fromHex("FFFF0C1905")), date);
    assert.equal(formatDate(date), "*-12-25/5");
    const time = parseTime("06:30:*");
    assert.deepEqual(encodeTime(time), fromHex("061EFFFF"));
    assert.deepEqual(decodeTime(fromHex("061EFFFF")), time);
    assert.equal(formatTime(time), "06:30:*");
  });

  it("refuse any other number of octets", () => {
    assert.throws(() => decodeDate(new Uint8Array(4)), isCode("remote/malformed"));
    assert.throws(() => decodeTime(new Uint8Array(5)), isCode("remote/malformed"));
  });
});
