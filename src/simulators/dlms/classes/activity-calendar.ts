import type { DataAccessResult } from "../../../dlms/apdu.ts";
import { asOctets, type CosemData } from "../../../dlms/data.ts";
import { fromHex } from "../../../lib/bytes.ts";
import { parseObis } from "../../../lib/obis.ts";
import { type Attribute, cosemObject, readOnly, writable } from "../cosem-object.ts";
import { logEvent } from "../events.ts";
import type { Meter } from "../meter.ts";
import { instantOf, isUnspecified, readDateTime } from "../meter-time.ts";
import { DATE_TIME, LOGICAL_NAME, type Shape, TIME } from "../shape.ts";
import { array, asciiOctets, logicalNameOctets, longUnsigned, octetString, structure, unsigned } from "../values.ts";

const SEASONS: Shape = { array: { structure: ["octet-string", DATE_TIME, "octet-string"] }, most: 4 };
const WEEKS: Shape = {
  array: {
    structure: ["octet-string", "unsigned", "unsigned", "unsigned", "unsigned", "unsigned", "unsigned", "unsigned"],
  },
  most: 4,
};
const DAYS: Shape = {
  array: { structure: ["unsigned", { array: { structure: [TIME, LOGICAL_NAME, "long-unsigned"] } }] },
  most: 4,
};

const NAME_ON_DELIVERY = asciiOctets("DELIVERY");
const SEASONS_ON_DELIVERY = array([
  structure(octetString(fromHex("01")), octetString(fromHex("FFFF0101FF00000000FFC400")), octetString(fromHex("01"))),
]);
const WEEKS_ON_DELIVERY = array([
  structure(octetString(fromHex("01")), ...Array.from({ length: 7 }, (_, day) => unsigned(day < 5 ? 0 : 1))),
]);
const DAYS_ON_DELIVERY = array([
  structure(unsigned(0), array([dayAction("07000000", 2), dayAction("17000000", 1)])),
  structure(unsigned(1), array([dayAction("00000000", 1)])),
]);

/** From `time` (4 octets, hexadecimal) on, the tariff script table's entry `selector` is in force. */
function dayAction(time: string, selector: number): CosemData {
  const script = logicalNameOctets(parseObis("0.0.10.0.100.255"));
  return structure(octetString(fromHex(time)), script, longUnsigned(selector));
}

/** The active part is replaced when its time has come; that is looked at whenever the calendar is read or written. */
function active(shape: Shape, initial: CosemData): Attribute {
  const attribute: Attribute = readOnly(shape, initial, {
    read: (meter) => {
      activateWhenDue(meter);
      return { data: meter.value(attribute) };
    },
  });
  return attribute;
}

/** A passive value that is written after the activation time belongs to the next calendar. */
function passive(shape: Shape, initial: CosemData): Attribute {
  return writable(shape, initial, {
    check: (meter) => {
      activateWhenDue(meter);
      return "success";
    },
    changed: (meter) => logEvent(meter, "standard", "PASSIVE_TARIFF_UPDATED"),
  });
}

const NAME_ACTIVE = active("octet-string", NAME_ON_DELIVERY);
const SEASONS_ACTIVE = active(SEASONS, SEASONS_ON_DELIVERY);
const WEEKS_ACTIVE = active(WEEKS, WEEKS_ON_DELIVERY);
const DAYS_ACTIVE = active(DAYS, DAYS_ON_DELIVERY);
const NAME_PASSIVE = passive("octet-string", NAME_ON_DELIVERY);
const SEASONS_PASSIVE = passive(SEASONS, SEASONS_ON_DELIVERY);
const WEEKS_PASSIVE = passive(WEEKS, WEEKS_ON_DELIVERY);
const DAYS_PASSIVE = passive(DAYS, DAYS_ON_DELIVERY);

const NEVER = octetString(fromHex("FFFFFFFFFFFFFFFFFF800000"));
const ACTIVATION_TIME = writable(DATE_TIME, NEVER, {
  check: checkActivationTime,
  read: (meter) => {
    activateWhenDue(meter);
    return { data: meter.value(ACTIVATION_TIME) };
  },
});

/** Blue Book, class 20: all wildcards switch the automatism off; some wildcards only are not allowed. */
function checkActivationTime(meter: Meter, value: CosemData): DataAccessResult {
  activateWhenDue(meter);
  const parts = readDateTime(asOctets(value));
  const usable = parts && (isUnspecified(parts) || instantOf(parts, meter.zone) !== null);
  return usable ? "success" : "other-reason";
}

function activateWhenDue(meter: Meter): void {
  const parts = readDateTime(asOctets(meter.value(ACTIVATION_TIME)));
  const dueMs = parts && instantOf(parts, meter.zone);
  if (dueMs === null || dueMs > meter.nowMs()) return;
  meter.store(ACTIVATION_TIME, NEVER);
  activate(meter);
}

function activate(meter: Meter): void {
  meter.store(NAME_ACTIVE, meter.value(NAME_PASSIVE));
  meter.store(SEASONS_ACTIVE, meter.value(SEASONS_PASSIVE));
  meter.store(WEEKS_ACTIVE, meter.value(WEEKS_PASSIVE));
  meter.store(DAYS_ACTIVE, meter.value(DAYS_PASSIVE));
  logEvent(meter, "standard", "TARIFF_ACTIVATED");
}

/** Class 20: the calendar in force, the one that waits, and when it takes over. */
export const ACTIVITY_CALENDAR = cosemObject(
  20,
  0,
  parseObis("0.0.13.0.0.255"),
  {
    2: NAME_ACTIVE,
    3: SEASONS_ACTIVE,
    4: WEEKS_ACTIVE,
    5: DAYS_ACTIVE,
    6: NAME_PASSIVE,
    7: SEASONS_PASSIVE,
    8: WEEKS_PASSIVE,
    9: DAYS_PASSIVE,
    10: ACTIVATION_TIME,
  },
  {
    1: {
      parameter: "integer",
      invoke: (meter) => {
        activate(meter);
        return "success";
      },
    },
  },
);
