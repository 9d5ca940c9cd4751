import type { DecimalText } from "../lib/decimal.ts";
import { refuse } from "./checks.ts";

/*
 * Records of Zigbee Smart Energy as callers see them. What a field of a gateway says beyond that, such as a reserved bit,
 * is in `rawField`: a response never says less than the gateway did.
 */

/** Bits of a device class, least significant first. */
export const DEVICE_CLASSES = [
  "HVAC_COMPRESSOR_OR_FURNACE",
  "STRIP_OR_BASEBOARD_HEAT",
  "WATER_HEATER",
  "POOL_PUMP_SPA_JACUZZI",
  "SMART_APPLIANCE",
  "IRRIGATION_PUMP",
  "MANAGED_COMMERCIAL_INDUSTRIAL_LOAD",
  "SIMPLE_MISC_RESIDENTIAL_LOAD",
  "EXTERIOR_LIGHTING",
  "INTERIOR_LIGHTING",
  "ELECTRIC_VEHICLE",
  "GENERATION_SYSTEM",
] as const;
export type DeviceClass = (typeof DEVICE_CLASSES)[number];

/** From 1 on. */
export const CRITICALITIES = [
  "GREEN",
  "LEVEL_1",
  "LEVEL_2",
  "LEVEL_3",
  "LEVEL_4",
  "LEVEL_5",
  "EMERGENCY",
  "PLANNED_OUTAGE",
  "SERVICE_DISCONNECT",
  "UTILITY_DEFINED_1",
  "UTILITY_DEFINED_2",
  "UTILITY_DEFINED_3",
  "UTILITY_DEFINED_4",
  "UTILITY_DEFINED_5",
  "UTILITY_DEFINED_6",
] as const;
export type Criticality = (typeof CRITICALITIES)[number];

/** A field of a record as the gateway has it. */
export interface RawField {
  readonly name: string;
  /** A whole number, decimal or `0x` and hexadecimal digits; or a text. */
  readonly value: string;
}

interface WithRawFields {
  readonly rawField: readonly RawField[];
}

/** Epoch milliseconds in whole seconds; nothing is "now" in a request. */
type TimeMs = number;

export interface LoadControlEvent extends WithRawFields {
  readonly eventId: number;
  /** Every class when there is none. */
  readonly deviceClass: readonly DeviceClass[];
  readonly enrollmentGroup?: number | undefined;
  readonly startTimeMs?: TimeMs | undefined;
  /** Minutes. */
  readonly duration?: number | undefined;
  readonly criticality?: Criticality | undefined;
  /** Kelvin. */
  readonly coolingTemperatureOffset?: DecimalText | undefined;
  readonly heatingTemperatureOffset?: DecimalText | undefined;
  /** Degrees Celsius. */
  readonly coolingTemperatureSetPoint?: DecimalText | undefined;
  readonly heatingTemperatureSetPoint?: DecimalText | undefined;
  /** Percent. */
  readonly averageLoadAdjustment?: number | undefined;
  readonly dutyCycle?: number | undefined;
  readonly randomiseStart?: boolean | undefined;
  readonly randomiseEnd?: boolean | undefined;
}

export interface CancelLoadControlEvent extends WithRawFields {
  readonly eventId: number;
  readonly deviceClass: readonly DeviceClass[];
  readonly enrollmentGroup?: number | undefined;
  readonly endRandomly?: boolean | undefined;
  readonly effectiveTimeMs?: TimeMs | undefined;
}

export interface CancelAllLoadControlEvents extends WithRawFields {
  readonly endRandomly?: boolean | undefined;
}

export type EventStatus =
  | "COMMAND_RECEIVED"
  | "STARTED"
  | "COMPLETED"
  | "OPTED_OUT"
  | "OPTED_IN"
  | "CANCELLED"
  | "SUPERSEDED"
  | "PARTLY_COMPLETED_WITH_OPT_OUT"
  | "PARTLY_COMPLETED_WITH_OPT_IN"
  | "COMPLETED_WITHOUT_PARTICIPATION"
  | "REJECTED_OPT_CHANGE"
  | "EVENT_NOT_FOUND"
  | "REJECTED_INVALID_CANCEL_COMMAND"
  | "REJECTED_INVALID_CANCEL_TIME"
  | "REJECTED_EXPIRED"
  | "REJECTED_UNDEFINED_EVENT"
  | "REJECTED";

export interface ReportEventStatus extends WithRawFields {
  readonly eventId: number;
  readonly eventStatus?: EventStatus | undefined;
  readonly eventStatusTimeMs?: TimeMs | undefined;
  readonly criticality?: Criticality | undefined;
  readonly coolingTemperatureSetPoint?: DecimalText | undefined;
  readonly heatingTemperatureSetPoint?: DecimalText | undefined;
  readonly averageLoadAdjustment?: number | undefined;
  readonly dutyCycle?: number | undefined;
  readonly randomiseStart?: boolean | undefined;
  readonly randomiseEnd?: boolean | undefined;
  readonly signatureType?: "NONE" | "ECDSA" | undefined;
  /** 42 octets. */
  readonly signatureHex?: string | undefined;
}

export interface ScheduledEvents extends WithRawFields {
  readonly startTimeMs?: TimeMs | undefined;
  /** All when 0 or absent. */
  readonly numberOfEvents?: number | undefined;
}

export const TRANSMISSIONS = ["NORMAL", "NORMAL_AND_INTER_PAN", "INTER_PAN"] as const;
export const IMPORTANCES = ["LOW", "MEDIUM", "HIGH", "CRITICAL"] as const;

export interface DisplayMessage extends WithRawFields {
  readonly messageId: number;
  readonly transmission?: (typeof TRANSMISSIONS)[number] | undefined;
  readonly importance?: (typeof IMPORTANCES)[number] | undefined;
  readonly confirmationRequired?: boolean | undefined;
  readonly enhancedConfirmationRequired?: boolean | undefined;
  readonly startTimeMs?: TimeMs | undefined;
  /** Minutes; until another takes its place when absent. */
  readonly duration?: number | undefined;
  readonly message: string;
}

export interface CancelMessage extends WithRawFields {
  readonly messageId: number;
  readonly confirmationRequired?: boolean | undefined;
}

export interface MessageConfirmation extends WithRawFields {
  readonly messageId: number;
  readonly confirmationTimeMs?: TimeMs | undefined;
}

/** From 0 on; a gap where there is none. */
export const UNITS_OF_MEASURE = [
  "KWH",
  "CUBIC_METRE",
  "CUBIC_FOOT",
  "HUNDRED_CUBIC_FEET",
  "US_GALLON",
  "IMPERIAL_GALLON",
  "BTU",
  "LITRE",
  "KILOPASCAL_GAUGE",
  "KILOPASCAL_ABSOLUTE",
  "THOUSAND_CUBIC_FEET",
  "UNITLESS",
  "MEGAJOULE",
  "KILOVAR_HOUR",
] as const;

export interface PublishPrice extends WithRawFields {
  readonly eventId: number;
  readonly providerId?: number | undefined;
  readonly rateLabel?: string | undefined;
  readonly unitOfMeasure?: (typeof UNITS_OF_MEASURE)[number] | undefined;
  /** Three letters of ISO 4217. */
  readonly currency?: string | undefined;
  readonly priceTier?: number | undefined;
  readonly numberOfPriceTiers?: number | undefined;
  readonly registerTier?: number | undefined;
  readonly startTimeMs?: TimeMs | undefined;
  readonly duration?: number | undefined;
  readonly price: DecimalText;
  readonly priceRatio?: number | undefined;
  readonly generationPrice?: DecimalText | undefined;
  readonly generationPriceRatio?: number | undefined;
  readonly alternateCost?: DecimalText | undefined;
  readonly alternateCostUnit?: number | undefined;
}

export interface GetProfile extends WithRawFields {
  readonly intervalChannel: "DELIVERED" | "RECEIVED";
  readonly endTimeMs?: TimeMs | undefined;
  readonly numberOfPeriods: number;
  readonly startTimeMs?: TimeMs | undefined;
}

/** By code. */
export const PROFILE_STATUSES = [
  "SUCCESS",
  "UNDEFINED_INTERVAL_CHANNEL",
  "INTERVAL_CHANNEL_NOT_SUPPORTED",
  "INVALID_END_TIME",
  "MORE_PERIODS_REQUESTED_THAN_CAN_BE_RETURNED",
  "NO_INTERVALS_AVAILABLE_FOR_THE_REQUESTED_TIME",
] as const;

export interface Profile extends WithRawFields {
  readonly endTimeMs?: TimeMs | undefined;
  readonly status?: (typeof PROFILE_STATUSES)[number] | undefined;
  /** Seconds. */
  readonly intervalPeriod?: number | undefined;
  /** The newest first. */
  readonly interval: readonly {
    readonly endTimeMs?: TimeMs | undefined;
    /** In units of the meter; absent when it has no value. */
    readonly increment?: number | undefined;
  }[];
}

export interface RequestFastPoll extends WithRawFields {
  /** Seconds. */
  readonly updatePeriod: number;
  /** Minutes. */
  readonly duration: number;
}

export interface FastPoll extends WithRawFields {
  readonly updatePeriod: number;
  readonly endTimeMs?: TimeMs | undefined;
}

/** What an operation on a gateway takes besides its record. */
export interface ToEndpoint {
  /** The one that has what is needed when absent. */
  readonly endpoint?: number | undefined;
}

/** IEEE address: 16 capital hexadecimal digits. */
export type MacText = string;

/** What a gateway answers, with the endpoint that did it. */
export interface FromEndpoint {
  readonly endpoint?: number | undefined;
}

/** The same for what was sent to others. */
export interface Sent extends FromEndpoint {
  readonly recipient: readonly MacText[];
}

/** Which meter is meant: the one that is addressed, or one at an address behind the gateway that is. */
export interface ToMeter extends ToEndpoint {
  readonly meterAddress?: MacText | undefined;
  readonly meterEndpoint?: number | undefined;
}

export interface FromMeter extends FromEndpoint {
  readonly meterAddress?: MacText | undefined;
  readonly meterEndpoint?: number | undefined;
}

/** What is on a list of a gateway. */
export interface Listed<T> extends FromEndpoint {
  readonly role?: "SERVER" | "CLIENT" | undefined;
  readonly record: readonly T[];
}

/** First and last moment that seconds since 2000 reach; 0 and the highest mean others. */
const FIRST_MS = Date.UTC(2000, 0, 1, 0, 0, 1);
const LAST_MS = (946_684_800 + 0xffff_fffe) * 1000;

/**
 * Zigbee counts in whole seconds since 2000.
 * @throws MetergateError VALIDATION_ERROR naming the element
 */
export function requireZigbeeTime(name: string, timeMs: number | undefined): void {
  if (timeMs === undefined) return;
  const shown = new Date(timeMs).toISOString();
  if (timeMs % 1000 !== 0) refuse(`${name} must be in whole seconds, not ${shown}`);
  if (timeMs < FIRST_MS || timeMs > LAST_MS) {
    refuse(
      `${name} must be from ${new Date(FIRST_MS).toISOString()} to ${new Date(LAST_MS).toISOString()}, not ${shown}`,
    );
  }
}
