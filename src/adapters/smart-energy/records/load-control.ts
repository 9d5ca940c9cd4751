import {
  type CancelAllLoadControlEvents,
  type CancelLoadControlEvent,
  CRITICALITIES,
  DEVICE_CLASSES,
  type EventStatus,
  type LoadControlEvent,
  type ReportEventStatus,
  type ScheduledEvents,
} from "../../../operations/smart-energy.ts";
import { UNVERIFIED } from "../../../smart-energy/unverified.ts";
import { bits, code, codesFrom, decimal, number, octets, parts, time } from "./members.ts";
import { recordCodec } from "./record-codec.ts";

const eventId = number("issuer_event_id", "eventId");
const deviceClass = bits("device_class", "deviceClass", DEVICE_CLASSES);
const enrollmentGroup = number("utility_enrollment_group", "enrollmentGroup");
const CRITICALITY = codesFrom(1, CRITICALITIES);
/** Absolute zero in steps of 0.01 °C. */
const COLDEST = -27_315;
const offset = (field: string, key: string) => decimal(field, key, 1, { unused: [0xff] });
const setPoint = (field: string, key: string) => decimal(field, key, 2, { unused: [-0x8000], lowest: COLDEST });
const adjustment = (field: string) =>
  number(field, "averageLoadAdjustment", { unused: [-0x80], lowest: -100, highest: 100 });
const dutyCycle = (field: string) => number(field, "dutyCycle", { unused: [0xff], highest: 100 });
const eventControl = parts("event_control", 0x03, [
  { key: "randomiseStart", mask: 0x01, isFlag: true },
  { key: "randomiseEnd", mask: 0x02, isFlag: true },
]);
const cancelControl = parts("cancel_control", 0x01, [{ key: "endRandomly", mask: 0x01, isFlag: true }]);

export const LOAD_CONTROL_EVENT = recordCodec<LoadControlEvent>("LoadControlEventRecord", [
  eventId,
  deviceClass,
  enrollmentGroup,
  time("start_time", "startTimeMs", [0]),
  number("duration_in_minutes", "duration", { lowest: 1, highest: 1440 }),
  code("criticality_level", "criticality", CRITICALITY),
  offset("cooling_temperature_offset", "coolingTemperatureOffset"),
  offset("heating_temperature_offset", "heatingTemperatureOffset"),
  setPoint("cooling_temperature_set_point", "coolingTemperatureSetPoint"),
  setPoint("heating_temperature_set_point", "heatingTemperatureSetPoint"),
  adjustment("average_load_adjustment_percentage"),
  dutyCycle("duty_cycle"),
  eventControl,
]);

export const CANCEL_LOAD_CONTROL_EVENT = recordCodec<CancelLoadControlEvent>("CancelLoadControlEventRecord", [
  eventId,
  deviceClass,
  enrollmentGroup,
  cancelControl,
  time("effective_time", "effectiveTimeMs", [0]),
]);

export const CANCEL_ALL_LOAD_CONTROL_EVENTS = recordCodec<CancelAllLoadControlEvents>(
  "CancelAllLoadControlEventsRecord",
  [cancelControl],
);

const EVENT_STATUS: Readonly<Record<number, EventStatus>> = {
  1: "COMMAND_RECEIVED",
  2: "STARTED",
  3: "COMPLETED",
  4: "OPTED_OUT",
  5: "OPTED_IN",
  6: "CANCELLED",
  7: "SUPERSEDED",
  8: "PARTLY_COMPLETED_WITH_OPT_OUT",
  9: "PARTLY_COMPLETED_WITH_OPT_IN",
  10: "COMPLETED_WITHOUT_PARTICIPATION",
  246: "REJECTED_OPT_CHANGE",
  247: "EVENT_NOT_FOUND",
  248: "REJECTED_INVALID_CANCEL_COMMAND",
  249: "REJECTED_INVALID_CANCEL_TIME",
  251: "REJECTED_EXPIRED",
  253: "REJECTED_UNDEFINED_EVENT",
  254: "REJECTED",
};

export const REPORT_EVENT_STATUS = recordCodec<ReportEventStatus>("ReportEventStatusRecord", [
  eventId,
  code("event_status", "eventStatus", EVENT_STATUS),
  // 0 is not allowed on the radio, so it says nothing either.
  time("event_status_time", "eventStatusTimeMs", [0, UNVERIFIED.unknownTime]),
  code("criticality_level_applied", "criticality", CRITICALITY),
  setPoint("cooling_temperature_set_point_applied", "coolingTemperatureSetPoint"),
  setPoint("heating_temperature_set_point_applied", "heatingTemperatureSetPoint"),
  adjustment("average_load_adjustment_percentage_applied"),
  dutyCycle("duty_cycle_applied"),
  eventControl,
  code("signature_type", "signatureType", { 0: "NONE", 1: "ECDSA" }),
  octets("signature", "signatureHex", 42),
]);

const period = [time("start_time", "startTimeMs", [0]), number("number_of_events", "numberOfEvents")];

export const GET_SCHEDULED_EVENTS = recordCodec<ScheduledEvents>("GetScheduledEventsRecord", period);
export const GET_SCHEDULED_PRICES = recordCodec<ScheduledEvents>("GetScheduledPricesRecord", period);
