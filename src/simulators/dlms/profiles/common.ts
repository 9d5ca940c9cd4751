import { asNumber } from "../../../dlms/data.ts";
import { fromHex } from "../../../lib/bytes.ts";
import { ACTIVITY_CALENDAR } from "../classes/activity-calendar.ts";
import { alarmFilter, alarmRegister } from "../classes/alarms.ts";
import { LOGICAL_DEVICE_NAME, SAP_ASSIGNMENT } from "../classes/association.ts";
import { periodicRows } from "../classes/capture-schedule.ts";
import { CLOCK_OBJECT } from "../classes/clock.ts";
import { eventLog } from "../classes/event-log.ts";
import { CLOCK_COLUMN, column, profileGeneric } from "../classes/profile-generic.ts";
import { SECURITY_SETUP } from "../classes/security-setup.ts";
import { dataObject, energyRegister, textObject } from "../classes/simple-objects.ts";
import { SPECIAL_DAYS_TABLE } from "../classes/special-days.ts";
import { type Attribute, type CosemObject, readOnly, writable } from "../cosem-object.ts";
import { logEvent } from "../events.ts";
import type { Meter } from "../meter.ts";
import { deviationAt } from "../meter-time.ts";
import type { Shape } from "../shape.ts";
import {
  asciiOctets,
  bitString,
  doubleLongUnsigned,
  enumerated,
  longUnsigned,
  octetString,
  structure,
  unsigned,
} from "../values.ts";

export const CHANNELS = [1, 2, 3, 4] as const;

const DAYLIGHT_SAVING = 0x08;

/** Status of the captured row: whether daylight saving was in effect, and the flags that were arranged. */
export function statusObject(logicalName: string): CosemObject {
  const status: Attribute = readOnly("unsigned", unsigned(0), {
    captured: (meter, timeMs) => {
      const { zone } = meter;
      const isSummer = deviationAt(timeMs, zone) !== zone.timeZoneMinutes;
      return unsigned(asNumber(meter.value(status)) | (isSummer ? DAYLIGHT_SAVING : 0));
    },
  });
  return dataObject(logicalName, status);
}

const ENERGY_REGISTERS: readonly CosemObject[] = [
  energyRegister("1.0.1.8.0.255", 12_345_678, 400),
  energyRegister("1.0.1.8.1.255", 7_345_678, 240),
  energyRegister("1.0.1.8.2.255", 5_000_000, 160),
  energyRegister("1.0.2.8.0.255", 2_222_222, 90),
  energyRegister("1.0.2.8.1.255", 1_222_222, 50),
  energyRegister("1.0.2.8.2.255", 1_000_000, 40),
];

/** Quarter-hour values of ten days. */
const INTERVAL_VALUES = profileGeneric("1.0.99.1.0.255", {
  columns: [CLOCK_COLUMN, column("1/0.0.96.10.2.255/2"), column("3/1.0.1.8.0.255/2"), column("3/1.0.2.8.0.255/2")],
  capturePeriodS: 900,
  entries: 960,
  rows: periodicRows,
});

const LONG_POWER_FAILURES = eventLog({
  name: "power-failure",
  logicalName: "1.0.99.97.0.255",
  codeObject: "0.0.96.7.19.255",
  codeType: "double-long-unsigned",
  entries: 10,
  // Not codes but durations in seconds: this log has a time and a duration.
  codes: [310, 1250, 7205],
});

/** What meters of all companion standards here have alike. */
export const COMMON_OBJECTS: readonly CosemObject[] = [
  CLOCK_OBJECT,
  SECURITY_SETUP,
  SAP_ASSIGNMENT,
  LOGICAL_DEVICE_NAME,
  dataObject(
    "0.0.96.1.0.255",
    readOnly("octet-string", (meter) => asciiOctets(meter.description.identification)),
  ),
  dataObject(
    "0.0.96.1.1.255",
    readOnly("octet-string", (meter) => asciiOctets(meter.description.identification)),
  ),
  textObject("1.0.0.2.0.255", "M57 4836"),
  textObject("1.1.0.2.0.255", "BL_012 XMX_N42_GprsV09"),
  textObject("1.2.0.2.0.255", "Telit 10.00.154"),
  ...ENERGY_REGISTERS,
  statusObject("0.0.96.10.2.255"),
  INTERVAL_VALUES,
  ACTIVITY_CALENDAR,
  SPECIAL_DAYS_TABLE,
  alarmRegister("0.0.97.98.0.255"),
  alarmFilter("0.0.97.98.10.255"),
  ...eventLog({
    name: "standard",
    logicalName: "0.0.99.98.0.255",
    codeObject: "0.0.96.11.0.255",
    codeType: "unsigned",
    entries: 100,
    codes: [1, 2, 4, 5, 9, 11, 17, 18, 19],
  }),
  ...eventLog({
    name: "fraud",
    logicalName: "0.0.99.98.1.255",
    codeObject: "0.0.96.11.1.255",
    codeType: "unsigned",
    entries: 30,
    codes: [40, 41, 42, 43, 46, 47],
  }),
  ...eventLog({
    name: "m-bus",
    logicalName: "0.0.99.98.3.255",
    codeObject: "0.0.96.11.3.255",
    codeType: "unsigned",
    entries: 30,
    codes: [100, 101, 103, 110, 111, 105],
  }),
  ...LONG_POWER_FAILURES,
];

const SIGNATURE = octetString(fromHex("5369676E6174757265303031"));

/** Signature objects that stand beside firmware identifiers, by group B of their logical names. */
export function firmwareSignatures(...groups: readonly number[]): CosemObject[] {
  return groups.map((group) => dataObject(`1.${group}.0.2.8.255`, readOnly("octet-string", SIGNATURE)));
}

/** 0 undefined, 1 off, 2 on. */
export const ADMINISTRATIVE_STATUS = dataObject("0.1.94.31.0.255", writable({ enum: [0, 1, 2] }, enumerated(0)));

const RANDOMISATION: Shape = { structure: ["double-long-unsigned", "long-unsigned", "long-unsigned"] };
export const RANDOMISATION_SETTINGS = dataObject(
  "0.1.94.31.12.255",
  writable(RANDOMISATION, structure(doubleLongUnsigned(300), longUnsigned(2), longUnsigned(3))),
);

/** That the meter was configured otherwise is an event. */
const LOGGED = { changed: (meter: Meter) => logEvent(meter, "fraud", "CONFIGURATION_CHANGE") };

/** Up to SMR 4.3: GPRS operation mode and flags; bits 1, 3 and 6 are set on delivery. */
export const CONFIGURATION_WITH_MODE = dataObject(
  "0.1.94.31.3.255",
  writable(
    { structure: [{ enum: [1, 2] }, { bits: 16 }] },
    structure(enumerated(1), bitString(fromHex("5200"))),
    LOGGED,
  ),
);

/** SMR 5: flags alone; bits 3, 6 and 10 are set on delivery. */
export const CONFIGURATION_FLAGS = dataObject(
  "0.1.94.31.3.255",
  writable({ bits: 16 }, bitString(fromHex("1220")), LOGGED),
);

/** What the meter expects next from the management client. */
export const INVOCATION_COUNTER = dataObject(
  "0.0.43.1.0.255",
  readOnly("double-long-unsigned", doubleLongUnsigned(0), {
    read: (meter) => ({ data: doubleLongUnsigned(meter.expectedInvocationCounter) }),
    changed: (meter, value) => {
      meter.expectedInvocationCounter = asNumber(value);
    },
  }),
);
