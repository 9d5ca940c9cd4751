import assert from "node:assert/strict";
import { Inventory } from "../../src/devices/inventory.ts";
import { cosem } from "../../src/dlms/data.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { KnownOperation } from "../../src/operations/registry.ts";
import { sample } from "./harness.ts";
import { adhoc, type Cell, configuration, groupsOf, type MatrixCase, requireOk } from "./matrix-case.ts";

const octets = (hex: string) => cosem.octetString(fromHex(hex));
const ascii = (text: string) => cosem.octetString(Buffer.from(text, "latin1"));
const asciiHex = (text: string) => toHex(Buffer.from(text, "latin1"));

/** A sample with the device of the cell in the place of its own. */
const sampleFor = (name: string, { device }: Cell) =>
  sample(name, ["TEST1024000000001", device], ["TEST1027000000001", device]);

/** A case whose answer says no more than OK. */
const change = (
  one: Omit<MatrixCase, "check"> & { readonly check: (cell: Cell) => void | Promise<void> },
): MatrixCase => ({
  ...one,
  check: async (answer, cell) => {
    requireOk(answer);
    await one.check(cell);
  },
});

const CONFIGURATION_OBJECT = "1/0.1.94.31.3.255/2";
/** The configuration object with these flags: alone in SMR 5, before that behind the mode (1 always on, 2 triggered). */
export const configurationObject = ({ isSmr5 }: Cell, mode: number, flags: string) => {
  const bits = cosem.bitString(fromHex(flags));
  return isSmr5 ? bits : cosem.structure([cosem.enum(mode), bits]);
};

const destination = "<s:Host>10.0.0.7</s:Host><s:Port>9598</s:Port>";
const NOBODY = cosem.structure([cosem.enum(3), ascii(""), cosem.enum(1)]);
const pushObject = (classId: number, logicalName: string) =>
  `<s:PushObjectList><s:ClassId>${classId}</s:ClassId><s:LogicalName>${groupsOf(logicalName)}</s:LogicalName>` +
  "<s:AttributeIndex>2</s:AttributeIndex></s:PushObjectList>";
/** Over TCP to the host of `destination`: as an xDLMS APDU from SMR 5 on, before that in the manufacturer's format. */
const overTcp = ({ isSmr5 }: Cell) => [0, asciiHex("10.0.0.7:9598"), isSmr5 ? 0 : 128];

const captureObject = (classId: number, logicalName: string) =>
  `<c:CaptureObject><c:ClassId>${classId}</c:ClassId><c:LogicalName>${groupsOf(logicalName)}</c:LogicalName>` +
  "<c:AttributeIndex>2</c:AttributeIndex></c:CaptureObject>";

const alarm = (type: string, enabled: boolean) =>
  `<s:AlarmNotification><s:AlarmType>${type}</s:AlarmType><s:Enabled>${enabled}</s:Enabled></s:AlarmNotification>`;

export const SPECIAL_DAYS = "11/0.0.11.0.0.255/2";
const setSpecialDays = change({
  document: (cell) => sampleFor("SetSpecialDays", cell),
  arrange: (cell) => cell.write(SPECIAL_DAYS, cosem.array([])),
  check: (cell) =>
    assert.deepEqual(cell.read(SPECIAL_DAYS), [
      [0, "FFFF0C19FF", 1],
      [1, "07EB041BFF", 2],
    ]),
});

/** Bits 0, 3 and 6 are on beforehand; bit 1 and 3, or in SMR 5 bit 10, are asked for. */
const setConfigurationObject = change({
  document: (cell) => sampleFor(cell.isSmr5 ? "SetConfigurationObject.smr5.0.0" : "SetConfigurationObject", cell),
  arrange: (cell) => cell.write(CONFIGURATION_OBJECT, configurationObject(cell, 2, "9200")),
  check: (cell) => assert.deepEqual(cell.read(CONFIGURATION_OBJECT), cell.isSmr5 ? "9220" : [1, "D200"]),
});

const setPushSetupAlarm = change({
  document: ({ device }) =>
    configuration(
      "SetPushSetupAlarm",
      device,
      `<s:SetPushSetupAlarmRequestData><s:PushSetupAlarm>${destination}${pushObject(8, "0.0.1.0.0.255")}` +
        `${pushObject(1, "0.0.97.98.0.255")}</s:PushSetupAlarm></s:SetPushSetupAlarmRequestData>`,
    ),
  arrange: (cell) => {
    cell.write("40/0.1.25.9.0.255/2", cosem.array([]));
    cell.write("40/0.1.25.9.0.255/3", NOBODY);
  },
  check: (cell) => {
    assert.deepEqual(cell.read("40/0.1.25.9.0.255/3"), overTcp(cell));
    assert.deepEqual(cell.read("40/0.1.25.9.0.255/2"), [
      [8, "0000010000FF", 2, 0],
      [1, "0000616200FF", 2, 0],
    ]);
  },
});

const setPushSetupSms = change({
  document: ({ device }) =>
    configuration(
      "SetPushSetupSms",
      device,
      `<s:SetPushSetupSmsRequestData><s:PushSetupSms>${destination}</s:PushSetupSms></s:SetPushSetupSmsRequestData>`,
    ),
  arrange: (cell) => cell.write("40/0.2.25.9.0.255/3", NOBODY),
  check: (cell) => assert.deepEqual(cell.read("40/0.2.25.9.0.255/3"), overTcp(cell)),
});

const setPushSetupLastGasp = change({
  document: ({ device }) =>
    configuration(
      "SetPushSetupLastGasp",
      device,
      `<s:SetPushSetupLastGaspRequestData><s:PushSetupLastGasp>${destination}</s:PushSetupLastGasp>` +
        "</s:SetPushSetupLastGaspRequestData>",
    ),
  arrange: (cell) => cell.write("40/0.3.25.9.0.255/3", NOBODY),
  // Over UDP (1), as an xDLMS APDU.
  check: (cell) => assert.deepEqual(cell.read("40/0.3.25.9.0.255/3"), [1, asciiHex("10.0.0.7:9598"), 0]),
});

const setPushSetupUdp = change({
  document: ({ device }) => configuration("SetPushSetupUdp", device),
  arrange: (cell) => {
    const always = octets("FFFFFFFFFFFFFFFFFF800000");
    cell.write("40/0.3.25.9.0.255/4", cosem.array([cosem.structure([always, always])]));
  },
  check: (cell) => assert.deepEqual(cell.read("40/0.3.25.9.0.255/4"), []),
});

/** Bit 0 of each register is asked for, bits 1 and 31 of the first one are switched; the others stay. */
const setAlarmNotifications = change({
  document: ({ device }) =>
    configuration(
      "SetAlarmNotifications",
      device,
      `<s:SetAlarmNotificationsRequestData><s:AlarmNotifications>${alarm("CLOCK_INVALID", true)}` +
        `${alarm("REPLACE_BATTERY", false)}${alarm("PHASE_OUTAGE_TEST_INDICATION", true)}` +
        `${alarm("VOLTAGE_SAG_IN_PHASE_DETECTED_L1", true)}${alarm("LAST_GASP", true)}` +
        "</s:AlarmNotifications></s:SetAlarmNotificationsRequestData>",
    ),
  arrange: (cell) => {
    cell.write("1/0.0.97.98.10.255/2", cosem.doubleLongUnsigned(0b110));
    if (cell.has("0.0.97.98.11.255")) cell.write("1/0.0.97.98.11.255/2", cosem.doubleLongUnsigned(0x2000));
  },
  check: (cell) => {
    assert.equal(cell.read("1/0.0.97.98.10.255/2"), 0x80000005);
    const [has2, has3] = [["SMR 5.2", "SMR 5.5"].includes(cell.version), cell.version === "SMR 5.5"];
    assert.deepEqual([cell.has("0.0.97.98.11.255"), cell.has("0.0.97.98.12.255")], [has2, has3]);
    if (has2) assert.equal(cell.read("1/0.0.97.98.11.255/2"), 0x2001);
    if (has3) assert.equal(cell.read("1/0.0.97.98.12.255/2"), 1);
  },
});

/** Attributes 2 to 5 are the calendar in force, 6 to 9 the passive one. */
const CALENDAR = "20/0.0.13.0.0.255";
const setActivityCalendar = change({
  document: (cell) => sampleFor("SetActivityCalendar", cell),
  arrange: (cell) => {
    for (const name of [2, 6]) cell.write(`${CALENDAR}/${name}`, ascii("BEFORE"));
    for (const part of [3, 4, 5, 7, 8, 9]) cell.write(`${CALENDAR}/${part}`, cosem.array([]));
  },
  check: (cell) => {
    const parts = [
      asciiHex("SUMMER"),
      [["01", "FFFF0101FF00000000FFC400", "01"]],
      [["01", 0, 0, 0, 0, 0, 1, 1]],
      [
        [
          0,
          [
            ["06000000", "00000A0064FF", 2],
            ["16000000", "00000A0064FF", 1],
          ],
        ],
        [1, [["00000000", "00000A0064FF", 1]]],
      ],
    ];
    const read = (from: number) => parts.map((_, i) => cell.read(`${CALENDAR}/${from + i}`));
    assert.deepEqual(read(6), parts);
    assert.deepEqual(read(2), parts);
  },
});

const ADMINISTRATIVE_STATUS = "1/0.1.94.31.0.255/2";
const setAdministrativeStatus = change({
  document: (cell) => sampleFor("SetAdministrativeStatus", cell),
  arrange: (cell) => cell.write(ADMINISTRATIVE_STATUS, cosem.enum(1)),
  check: (cell) => assert.equal(cell.read(ADMINISTRATIVE_STATUS), 2),
});

const CLOCK = "8/0.0.1.0.0.255";
const setClockConfiguration = change({
  document: (cell) => sampleFor("SetClockConfiguration", cell),
  arrange: (cell) => {
    cell.write(`${CLOCK}/3`, cosem.long(0));
    for (const border of [5, 6]) cell.write(`${CLOCK}/${border}`, octets("FFFF0101FF00000000FFC400"));
    cell.write(`${CLOCK}/8`, cosem.boolean(false));
  },
  check: (cell) =>
    assert.deepEqual(
      [3, 5, 6, 8].map((attribute) => cell.read(`${CLOCK}/${attribute}`)),
      [-60, "FFFF03FE0702000000FFC400", "FFFF0AFE0703000000FF8880", true],
    ),
});

const synchronizeTime = change({
  // The same time as in the zone that the devices have, under another name.
  document: ({ device }) =>
    adhoc(
      "SynchronizeTime",
      device,
      "<a:SynchronizeTimeRequestData><a:TimeZone>Europe/Brussels</a:TimeZone></a:SynchronizeTimeRequestData>",
    ),
  arrange: (cell) => {
    cell.meter.meter.clockOffsetMs = 3_600_000;
  },
  check: async ({ meter, world, device }) => {
    const { clockOffsetMs } = meter.meter;
    assert.ok(Math.abs(clockOffsetMs) < 5_000, `the clock is ${clockOffsetMs} ms off`);
    const record = await new Inventory(world.service.store.devices, systemClock).find(device);
    assert.equal(record?.timezone, "Europe/Brussels");
  },
});

const LOAD_PROFILE = "7/0.1.94.31.6.255";
const configureDefinableLoadProfile = change({
  document: ({ device }) =>
    configuration(
      "ConfigureDefinableLoadProfile",
      device,
      "<s:DefinableLoadProfileConfigurationData><s:CaptureObjects>" +
        `${captureObject(3, "1.0.32.7.0.255")}${captureObject(1, "1.0.32.32.0.255")}</s:CaptureObjects>` +
        "<s:CapturePeriod>86400</s:CapturePeriod></s:DefinableLoadProfileConfigurationData>",
    ),
  arrange: (cell) => {
    cell.write(`${LOAD_PROFILE}/3`, cosem.array([]));
    cell.write(`${LOAD_PROFILE}/4`, cosem.doubleLongUnsigned(900));
  },
  // The clock comes first without having been asked for.
  check: (cell) => {
    assert.deepEqual(cell.read(`${LOAD_PROFILE}/3`), [
      [8, "0000010000FF", 2, 0],
      [3, "0100200700FF", 2, 0],
      [1, "0100202000FF", 2, 0],
    ]);
    assert.equal(cell.read(`${LOAD_PROFILE}/4`), 86_400);
  },
});

export const randomisation = (device: string, directAttach: 0 | 1) =>
  configuration(
    "SetRandomisationSettings",
    device,
    `<s:SetRandomisationSettingsData><s:directAttach>${directAttach}</s:directAttach>` +
      "<s:randomisationStartWindow>65535</s:randomisationStartWindow><s:multiplicationFactor>7</s:multiplicationFactor>" +
      "<s:numberOfRetries>31</s:numberOfRetries></s:SetRandomisationSettingsData>",
  );

/** Bit 10, direct attach, is switched off where the version knows it; DSMR 4.2.2 does not. */
const setRandomisationSettings = change({
  document: ({ device }) => randomisation(device, 0),
  arrange: (cell) => cell.write(CONFIGURATION_OBJECT, configurationObject(cell, 1, "1260")),
  check: (cell) => {
    assert.deepEqual(cell.read("1/0.1.94.31.12.255/2"), [65_535, 7, 31]);
    const flags = cell.version === "DSMR 4.2.2" ? "1260" : "1240";
    assert.deepEqual(cell.read(CONFIGURATION_OBJECT), cell.isSmr5 ? flags : [1, flags]);
  },
});

const setThdConfiguration = change({
  document: ({ device }) =>
    configuration(
      "SetThdConfiguration",
      device,
      "<s:SetThdConfigurationRequestData><s:MinDurationNormalToOver>601</s:MinDurationNormalToOver>" +
        "<s:MinDurationOverToNormal>602</s:MinDurationOverToNormal><s:TimeThreshold>70000</s:TimeThreshold>" +
        "<s:ValueHysteresis>4</s:ValueHysteresis><s:ValueThreshold>15</s:ValueThreshold></s:SetThdConfigurationRequestData>",
    ),
  check: (cell) =>
    assert.deepEqual(
      ["1.0.11.35.124.255", "0.1.94.31.21.255", "0.1.94.31.22.255", "0.1.94.31.23.255", "1.0.11.44.124.255"].map(
        (name) => cell.read(`3/${name}/2`),
      ),
      [15, 4, 601, 602, 70_000],
    ),
});

export const testAlarm = (device: string, type: "PARTIAL_POWER_OUTAGE" | "LAST_GASP") =>
  adhoc(
    "TestAlarmScheduler",
    device,
    "<a:TestAlarmSchedulerRequestData><a:ScheduleTime>2088-06-30T22:30:00Z</a:ScheduleTime>" +
      `<a:AlarmType>${type}</a:AlarmType></a:TestAlarmSchedulerRequestData>`,
  );
/** execution_time of the two alarms: half past midnight on 2088-07-01 in the zone of the devices. */
export const TEST_ALARM_TIME = [["001E0000", "08280701FF"]];

const testAlarmScheduler = change({
  document: ({ device }) => testAlarm(device, "PARTIAL_POWER_OUTAGE"),
  arrange: (cell) => cell.write("22/0.0.15.1.4.255/4", cosem.array([])),
  check: (cell) => assert.deepEqual(cell.read("22/0.0.15.1.4.255/4"), TEST_ALARM_TIME),
});

/** Operations that write what the request says. */
export const SETTINGS = {
  SetSpecialDays: setSpecialDays,
  SetConfigurationObject: setConfigurationObject,
  SetPushSetupAlarm: setPushSetupAlarm,
  SetPushSetupSms: setPushSetupSms,
  SetPushSetupLastGasp: setPushSetupLastGasp,
  SetPushSetupUdp: setPushSetupUdp,
  SetAlarmNotifications: setAlarmNotifications,
  SetActivityCalendar: setActivityCalendar,
  SetAdministrativeStatus: setAdministrativeStatus,
  SetClockConfiguration: setClockConfiguration,
  ConfigureDefinableLoadProfile: configureDefinableLoadProfile,
  SetRandomisationSettings: setRandomisationSettings,
  SetThdConfiguration: setThdConfiguration,
  SynchronizeTime: synchronizeTime,
  TestAlarmScheduler: testAlarmScheduler,
} satisfies { readonly [N in KnownOperation]?: MatrixCase };
