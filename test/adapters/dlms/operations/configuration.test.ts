import assert from "node:assert/strict";
import { encodeData } from "../../../../src/dlms/data-codec.ts";
import { toHex } from "../../../../src/lib/bytes.ts";
import { parseObis } from "../../../../src/lib/obis.ts";
import type { ActivityCalendar, WeekProfile } from "../../../../src/operations/activity-calendar.ts";
import { type Refusal, type Running, refuseAction, refuseGet, refuseSet, startMeter } from "./running.ts";

describe("configuration operations on a meter", () => {
  let meter: Running;
  const start = async (protocol: string, refusal?: Refusal) => {
    meter = await startMeter(protocol, refusal);
  };
  afterEach(() => meter.close());

  /** The value as the meter holds it, in hexadecimal. */
  const held = (classId: number, logicalName: string, attribute: number) =>
    toHex(encodeData(meter.value(classId, logicalName, attribute)));

  it("SetSpecialDays replaces the table, and gives the meter's word when it does not want it", async () => {
    const request = { specialDays: [{ date: "FFFF0C19FF", dayId: 2 }] };
    await start("SMR 5.1");
    assert.deepEqual(await meter.run("SetSpecialDays", request), {});
    assert.equal(held(11, "0.0.11.0.0.255", 2), "010102031200000905FFFF0C19FF1102");
    await meter.close();
    await start("DSMR 2.2", refuseSet("11/0.0.11.0.0.255/2"));
    assert.equal(
      await meter.run("SetSpecialDays", request),
      "DEVICE_REFUSED: Set special days reported result is: READ_WRITE_DENIED",
    );
  });

  it("SetSpecialDays takes 29 February of any year, and writes no day that does not exist", async () => {
    await start("SMR 5.1");
    assert.deepEqual(await meter.run("SetSpecialDays", { specialDays: [{ date: "FFFF021DFF", dayId: 1 }] }), {});
    for (const date of ["07EB021DFF", "FFFF021EFF", "FFFF0D01FF", "FFFF010108"]) {
      const answer = await meter.run("SetSpecialDays", { specialDays: [{ date, dayId: 1 }] });
      assert.match(String(answer), new RegExp(`^VALIDATION_ERROR: specialDayDate ${date} `));
    }
    assert.deepEqual(meter.asked, ["set 11/0.0.11.0.0.255/2"]);
  });

  it("SetAdministrativeStatus and GetAdministrativeStatus", async () => {
    await start("DSMR 4.2.2");
    assert.deepEqual(await meter.run("SetAdministrativeStatus", { status: "OFF" }), {});
    assert.deepEqual(await meter.run("GetAdministrativeStatus", {}), { status: "OFF" });
    await meter.close();
    await start("SMR 5.5", refuseSet("1/0.1.94.31.0.255/2"));
    assert.equal(
      await meter.run("SetAdministrativeStatus", { status: "ON" }),
      "DEVICE_REFUSED: AccessResultCode for set administrative status was not SUCCESS: READ_WRITE_DENIED",
    );
  });

  it("GetAdministrativeStatus on a meter without it says which object is missing, and does not connect", async () => {
    await start("DSMR 2.2");
    const answer = await meter.run("GetAdministrativeStatus", {});
    assert.match(String(answer), /^OPERATION_NOT_SUPPORTED.*No object found of type ADMINISTRATIVE_IN_OUT/);
    assert.equal(meter.served.connections, 0);
  });

  describe("SetActivityCalendar", () => {
    const day = { dayId: 1, actions: [{ startTime: "00000000", scriptSelector: 1 }] };
    const week: WeekProfile = { name: "1", days: [day, day, day, day, day, day, day] };
    const calendar = (activatePassiveCalendarTime: string): ActivityCalendar => ({
      name: "CAL00001",
      activatePassiveCalendarTime,
      seasons: [{ name: "1", start: "FFFF0101FFFFFFFFFF800000", week }],
    });
    const DONE = { device: "TEST1024000000001", calendarName: "CAL00001" };
    const UNSPECIFIED = "FFFFFFFFFFFFFFFFFF8000FF";
    const PAST = "07EA070FFF09000000FF8880";
    const AHEAD = "07EA0801FF00000000FF8880";
    const written = ["6", "7", "8", "9"].map((attribute) => `set 20/0.0.13.0.0.255/${attribute}`);

    for (const [time, text] of [
      [UNSPECIFIED, "no time"],
      [PAST, "a time that is past"],
      ["FFFFFFFEFFFFFFFFFF000000", "what clients have always sent for no time"],
    ] as const) {
      it(`activates at once for ${text}`, async () => {
        await start("SMR 5.0.0");
        assert.deepEqual(await meter.run("SetActivityCalendar", calendar(time)), DONE);
        assert.deepEqual(meter.asked, [...written, "action 20/0.0.13.0.0.255/m1"]);
        assert.equal(held(20, "0.0.13.0.0.255", 2), "090843414C3030303031");
      });
    }

    it("leaves the activation to the meter when its time lies ahead", async () => {
      await start("SMR 5.0.0");
      assert.deepEqual(await meter.run("SetActivityCalendar", calendar(AHEAD)), DONE);
      assert.deepEqual(meter.asked, [...written, "set 20/0.0.13.0.0.255/10"]);
      assert.equal(held(20, "0.0.13.0.0.255", 10), `090C${AHEAD}`);
    });

    it("tries every part, names those that failed and does not activate", async () => {
      await start("SMR 5.0.0", refuseSet("20/0.0.13.0.0.255/7"));
      assert.equal(
        await meter.run("SetActivityCalendar", calendar(UNSPECIFIED)),
        "DEVICE_REFUSED: SetActivityCalendar: not successful for SEASONS (attribute 7): READ_WRITE_DENIED",
      );
      assert.deepEqual(meter.asked, written);
    });

    it("fails when the meter does not activate", async () => {
      await start("SMR 5.0.0", refuseAction("20/0.0.13.0.0.255/m1"));
      assert.match(String(await meter.run("SetActivityCalendar", calendar(PAST))), /ACTIVATION.*TEMPORARY_FAILURE/);
    });

    for (const [time, text] of [
      ["07EA0D01FF00000000FF8880", "in month 13"],
      ["07EB021EFF00000000FFC400", "on 30 February"],
      ["07EB0101FFFFFFFFFF8000FF", "on a day without a time"],
      ["FFFF0101FF00000000FFC400", "on a day of any year"],
      ["07EBFE01FF00000000FFC400", "in a month that is a wildcard"],
    ] as const) {
      it(`writes nothing when the activation is to be ${text}`, async () => {
        await start("SMR 5.0.0");
        const answer = await meter.run("SetActivityCalendar", calendar(time));
        assert.match(String(answer), new RegExp(`^VALIDATION_ERROR: ActivatePassiveCalendarTime ${time} `));
        assert.deepEqual(meter.asked, []);
      });
    }

    it("writes nothing when a season or a day begins at a time that does not exist", async () => {
      await start("SMR 5.0.0");
      const good = calendar(UNSPECIFIED);
      const [season] = good.seasons;
      const start31 = await meter.run("SetActivityCalendar", {
        ...good,
        seasons: [{ ...season!, start: "FFFF041FFFFFFFFFFF8000FF" }],
      });
      assert.match(String(start31), /^VALIDATION_ERROR: SeasonStart FFFF041F.* month 4 has 30/);
      const late = { dayId: 1, actions: [{ startTime: "23000000", scriptSelector: 1 }] };
      const answer = await meter.run("SetActivityCalendar", {
        ...good,
        seasons: [{ ...season!, week: { name: "1", days: [late, late, late, late, late, late, late] } }],
      });
      assert.match(String(answer), /^VALIDATION_ERROR: StartTime 23000000 is no COSEM time: a hour of 35/);
      assert.deepEqual(meter.asked, []);
    });
  });

  it("SetClockConfiguration writes four attributes; the text has the device and every bad result", async () => {
    const request = {
      timeZoneOffsetMinutes: -60,
      daylightSavingsBegin: "FFFF03FE0702000000FFC400",
      daylightSavingsEnd: "FFFF0AFE0703000000FF8880",
      daylightSavingsEnabled: true,
    };
    await start("SMR 5.1");
    assert.deepEqual(await meter.run("SetClockConfiguration", request), {});
    assert.equal(held(8, "0.0.1.0.0.255", 3), "10FFC4");
    assert.equal(held(8, "0.0.1.0.0.255", 5), "090CFFFF03FE0702000000FFC400");
    await meter.close();
    await start("SMR 5.1", refuseSet("8/0.0.1.0.0.255/3"));
    assert.equal(
      await meter.run("SetClockConfiguration", request),
      "DEVICE_REFUSED: Clock configuration was not set successfully for device TEST1024000000001. ResultCode: READ_WRITE_DENIED",
    );
  });

  it("SetClockConfiguration writes nothing when a change of daylight saving falls on no day", async () => {
    await start("SMR 5.1");
    const request = {
      timeZoneOffsetMinutes: -60,
      daylightSavingsBegin: "FFFF03FE0702000000FFC400",
      daylightSavingsEnd: "FFFF0B1FFF03000000FF8880",
      daylightSavingsEnabled: true,
    };
    const answer = await meter.run("SetClockConfiguration", request);
    assert.match(String(answer), /^VALIDATION_ERROR: DaylightSavingsEnd FFFF0B1F.*month 11 has 30/);
    assert.deepEqual(meter.asked, []);
  });

  describe("SetConfigurationObject and GetConfigurationObject", () => {
    it("change the named flags, keep the others and record the security that follows", async () => {
      await start("DSMR 4.2.2");
      const flags = [{ flag: "DISCOVER_ON_OPEN_COVER", enabled: true }] as const;
      assert.deepEqual(await meter.run("SetConfigurationObject", { gprsOperationMode: "TRIGGERED", flags }), {});
      const read = await meter.run("GetConfigurationObject", {});
      assert.ok(typeof read !== "string");
      assert.equal(read.gprsOperationMode, "TRIGGERED");
      assert.equal(read.flags.length, 10);
      assert.deepEqual(read.flags[0], flags[0]);
      const hls5 = read.flags.find(({ flag }) => flag === "HLS_5_ON_P3_ENABLE")?.enabled;
      const security = { hls3Active: false, hls4Active: false, hls5Active: hls5 };
      assert.deepEqual(meter.records.log, [
        ["TEST1024000000001", security],
        ["TEST1024000000001", security],
      ]);
    });

    it("say what the meter said when it cannot be read or written", async () => {
      await start("SMR 5.1", refuseGet("1/0.1.94.31.3.255/2"));
      const unreadable =
        "DEVICE_REFUSED: Non-successful result received retrieving configuration object: OBJECT_UNAVAILABLE";
      assert.equal(await meter.run("GetConfigurationObject", {}), unreadable);
      assert.equal(await meter.run("SetConfigurationObject", { flags: [] }), unreadable);
      await meter.close();
      await start("SMR 5.1", refuseSet("1/0.1.94.31.3.255/2"));
      assert.equal(
        await meter.run("SetConfigurationObject", { flags: [] }),
        "DEVICE_REFUSED: Set configuration object reported result is: READ_WRITE_DENIED",
      );
      assert.deepEqual(meter.records.log, []);
    });
  });

  describe("SetPushSetupAlarm", () => {
    const object = (logicalName: string, dataIndex = 0) => ({
      classId: 1,
      logicalName: parseObis(logicalName),
      attribute: 2,
      dataIndex,
    });

    it("writes the destination, reads each object, then writes the list", async () => {
      await start("SMR 5.1");
      const destination = { host: "10.0.0.7", port: 9598 };
      const pushObjects = [object("0.0.97.98.0.255")];
      assert.deepEqual(await meter.run("SetPushSetupAlarm", { destination, pushObjects }), {});
      assert.deepEqual(meter.asked, ["set 40/0.1.25.9.0.255/3", "get 1/0.0.97.98.0.255/2", "set 40/0.1.25.9.0.255/2"]);
      assert.equal(held(40, "0.1.25.9.0.255", 3), "02031600090D31302E302E302E373A393539381600");
    });

    it("does not write a list with an object that cannot be read", async () => {
      await start("SMR 5.1");
      assert.equal(
        await meter.run("SetPushSetupAlarm", { pushObjects: [object("0.0.97.98.99.255")] }),
        "DEVICE_REFUSED: Verification of push object failed. Object 0.0.97.98.99.255 could not be retrieved using a get request.",
      );
      assert.ok(!meter.asked.includes("set 40/0.1.25.9.0.255/2"));
    });

    it("refuses a data index before it writes anything", async () => {
      await start("SMR 5.1");
      const request = { destination: { host: "h", port: 1 }, pushObjects: [object("0.0.97.98.0.255", 3)] };
      assert.match(String(await meter.run("SetPushSetupAlarm", request)), /non-zero data index: 3\./);
      assert.deepEqual(meter.asked, []);
    });

    it("stops after a destination that the meter refuses", async () => {
      await start("SMR 5.1", refuseSet("40/0.1.25.9.0.255/3"));
      const request = { destination: { host: "h", port: 1 }, pushObjects: [object("0.0.97.98.0.255")] };
      assert.equal(
        await meter.run("SetPushSetupAlarm", request),
        "DEVICE_REFUSED: AccessResultCode for set push setup alarm was not SUCCESS: READ_WRITE_DENIED",
      );
      assert.deepEqual(meter.asked, ["set 40/0.1.25.9.0.255/3"]);
    });
  });

  it("SetPushSetupSms, SetPushSetupLastGasp and SetPushSetupUdp write their own objects", async () => {
    const destination = { host: "h", port: 1 };
    await start("DSMR 4.2.2");
    assert.deepEqual(await meter.run("SetPushSetupSms", { destination }), {});
    assert.equal(held(40, "0.2.25.9.0.255", 3), "020316000903683A311680");
    assert.match(
      String(await meter.run("SetPushSetupLastGasp", { destination })),
      /^OPERATION_NOT_SUPPORTED.*No address found for PUSH_SETUP_UDP in protocol DSMR 4\.2\.2/,
    );
    await meter.close();
    await start("SMR 5.5");
    assert.deepEqual(await meter.run("SetPushSetupLastGasp", { destination }), {});
    assert.deepEqual(await meter.run("SetPushSetupUdp", {}), {});
    assert.equal(held(40, "0.3.25.9.0.255", 3), "020316010903683A311600");
    assert.equal(held(40, "0.3.25.9.0.255", 4), "0100");
  });

  it("SetAlarmNotifications writes only filters that change, and passes over registers that are not there", async () => {
    await start("SMR 5.1");
    const before = held(1, "0.0.97.98.10.255", 2);
    const enabled = before.endsWith("1");
    const same = [
      { alarm: "CLOCK_INVALID", enabled },
      { alarm: "LAST_GASP", enabled: true },
    ];
    assert.deepEqual(await meter.run("SetAlarmNotifications", { notifications: same }), {});
    assert.deepEqual(meter.asked, ["get 1/0.0.97.98.10.255/2"]);
    const changed = [{ alarm: "CLOCK_INVALID", enabled: !enabled }];
    assert.deepEqual(await meter.run("SetAlarmNotifications", { notifications: changed }), {});
    assert.notEqual(held(1, "0.0.97.98.10.255", 2), before);
    await meter.close();
    await start("SMR 5.5");
    const everywhere = ["CLOCK_INVALID", "THD_OVERLIMIT_IN_PHASE_L1", "LAST_GASP"].flatMap((alarm) => ({
      alarm,
      enabled: true,
    }));
    assert.deepEqual(await meter.run("SetAlarmNotifications", { notifications: everywhere }), {});
    assert.equal(Number.parseInt(held(1, "0.0.97.98.12.255", 2).slice(2), 16) & 1, 1);
  });

  it("ConfigureDefinableLoadProfile writes columns and period, and says which of them failed", async () => {
    const request = {
      captureObjects: [{ classId: 3, logicalName: parseObis("1.0.32.7.0.255"), attribute: 2, dataIndex: 0 }],
      capturePeriodS: 900,
    };
    await start("SMR 5.0.0");
    assert.deepEqual(await meter.run("ConfigureDefinableLoadProfile", request), {});
    assert.equal(held(7, "0.1.94.31.6.255", 4), "0600000384");
    await meter.close();
    await start("SMR 5.0.0", refuseSet("7/0.1.94.31.6.255/4"));
    assert.equal(
      await meter.run("ConfigureDefinableLoadProfile", request),
      "DEVICE_REFUSED: Attribute 'capture period' of the definable load profile was not set successfully. ResultCode: READ_WRITE_DENIED",
    );
  });

  describe("SetRandomisationSettings", () => {
    const request = { directAttach: false, randomisationStartWindow: 60, multiplicationFactor: 2, numberOfRetries: 3 };

    it("switches direct attach off and writes the settings", async () => {
      await start("SMR 5.1");
      assert.deepEqual(await meter.run("SetRandomisationSettings", request), {});
      assert.equal(held(1, "0.1.94.31.3.255", 2), "04101200");
      assert.equal(held(1, "0.1.94.31.12.255", 2), "0203060000003C120002120003");
    });

    it("only switches direct attach on, where the meter knows it", async () => {
      await start("SMR 5.1");
      assert.deepEqual(await meter.run("SetRandomisationSettings", { ...request, directAttach: true }), {});
      assert.equal(held(1, "0.1.94.31.3.255", 2), "04101220");
      assert.ok(!meter.asked.includes("set 1/0.1.94.31.12.255/2"));
      await meter.close();
      await start("DSMR 4.2.2");
      assert.match(
        String(await meter.run("SetRandomisationSettings", { ...request, directAttach: true })),
        /DIRECT_ATTACH_AT_POWER_ON not known for protocol/,
      );
    });
  });

  it("SetThdConfiguration writes five settings, and gives every result when one is bad", async () => {
    const request = {
      valueThresholdPercent: 8,
      valueHysteresisPercent: 2,
      minDurationNormalToOverS: 30,
      minDurationOverToNormalS: 40,
      timeThresholdS: 70_000,
    };
    await start("SMR 5.2");
    assert.deepEqual(await meter.run("SetThdConfiguration", request), {});
    assert.equal(held(3, "0.1.94.31.21.255", 2), "120002");
    assert.equal(held(3, "1.0.11.44.124.255", 2), "0600011170");
    await meter.close();
    await start("SMR 5.2", refuseSet("3/0.1.94.31.21.255/2"));
    assert.equal(
      await meter.run("SetThdConfiguration", request),
      "DEVICE_REFUSED: THD configuration resulted in: [SUCCESS, READ_WRITE_DENIED, SUCCESS, SUCCESS, SUCCESS]",
    );
  });
});
