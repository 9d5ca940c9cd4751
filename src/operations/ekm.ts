import type { DecimalText } from "../lib/decimal.ts";
import { refuse, requireRange } from "./checks.ts";

/** How it is known that a meter did what it was told. */
export interface Confirmation {
  /** `ANSWER`: it said so. `READING`: its answer was lost, and what was read afterwards shows the effect. */
  readonly by: "ANSWER" | "READING";
  /** When the gateway got the command, or when the reading was taken; epoch milliseconds. */
  readonly timeMs?: number | undefined;
}

export type Relay = "RELAY_1" | "RELAY_2";
export type RelayStatus = "OPEN" | "CLOSED";

/** How often a meter begins its maximum demand anew; positions are the numbers of the vendor. */
export const RESET_INTERVALS = ["OFF", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"] as const;
export type ResetInterval = (typeof RESET_INTERVALS)[number];

/** Minutes over which demand is averaged; positions, from 1, are the numbers of the vendor. */
export const DEMAND_PERIODS = [15, 30, 60];

/** 1 … 3 */
export type PulseLine = number;
/** 1 … 6 */
export type ScheduleNumber = number;

/** A day of every year. */
export interface MonthDay {
  readonly month: number;
  readonly day: number;
}

/** From its start until the next one's; the last one of a day lasts until the first of the next. */
export interface SchedulePeriod {
  readonly hour: number;
  readonly minute: number;
  /** 1 … 4 */
  readonly tariff: number;
}

export interface Schedule {
  readonly schedule: ScheduleNumber;
  /** 4 at most. */
  readonly periods: readonly SchedulePeriod[];
}

/** The schedule of weekdays from a date on, every year. */
export interface Season extends MonthDay {
  readonly schedule: ScheduleNumber;
}

/** Which schedule rules on weekends and on holidays; absent for none of its own. */
export interface WeekendHolidaySchedules {
  readonly weekend?: ScheduleNumber | undefined;
  readonly holiday?: ScheduleNumber | undefined;
}

/** All tables of a meter that say which tariff counts. */
export interface TariffTables extends WeekendHolidaySchedules {
  readonly schedules: readonly Schedule[];
  readonly seasons: readonly Season[];
  readonly holidays: readonly MonthDay[];
}

/** kWh of a month, as registers count: forward ones count both directions. */
export interface TariffEnergy {
  readonly totalKwh: DecimalText;
  /** Four. */
  readonly tariffsKwh: readonly DecimalText[];
}

/** A reading, with what the meter's version has of it. */
export interface EkmReading {
  /** When the gateway took it; epoch milliseconds. */
  readonly timeMs: number;
  /** By the meter's clock: `2026-01-31T12:00:00`; absent when the clock is damaged. */
  readonly meterTime?: string | undefined;
  readonly model?: string | undefined;
  readonly firmware?: string | undefined;
  readonly energyKwh: {
    readonly import?: DecimalText | undefined;
    readonly export?: DecimalText | undefined;
    /** The main register, which counts both directions. */
    readonly total?: DecimalText | undefined;
    readonly resettableTotal?: DecimalText | undefined;
    readonly resettableExport?: DecimalText | undefined;
    /** kvarh */
    readonly reactiveTotal?: DecimalText | undefined;
  };
  readonly tariffsKwh: readonly {
    readonly tariff: number;
    readonly import?: DecimalText | undefined;
    readonly export?: DecimalText | undefined;
  }[];
  readonly lines: readonly EkmLine[];
  readonly powerTotalW?: DecimalText | undefined;
  readonly reactivePowerTotalVar?: DecimalText | undefined;
  readonly frequencyHz?: DecimalText | undefined;
  readonly maximumDemand?:
    | {
        readonly powerW: DecimalText;
        readonly periodMinutes?: number | undefined;
        readonly resetInterval?: ResetInterval | undefined;
      }
    | undefined;
  readonly ctRatio?: number | undefined;
  readonly pulseOutputRatio?: DecimalText | undefined;
  readonly pulseInputs: readonly {
    readonly line: PulseLine;
    readonly count?: DecimalText | undefined;
    readonly ratio?: number | undefined;
    readonly isLow?: boolean | undefined;
  }[];
  readonly relays: readonly { readonly relay: Relay; readonly status: RelayStatus }[];
}

export interface EkmLine {
  /** 1 … 3 */
  readonly number: number;
  readonly voltageV?: DecimalText | undefined;
  readonly currentA?: DecimalText | undefined;
  /** Negative when it is delivered to the grid. */
  readonly powerW?: DecimalText | undefined;
  readonly reactivePowerVar?: DecimalText | undefined;
  readonly powerFactor?: DecimalText | undefined;
  readonly powerFactorKind?: "CAPACITIVE" | "INDUCTIVE" | "UNITY" | undefined;
  readonly importKwh?: DecimalText | undefined;
  readonly exportKwh?: DecimalText | undefined;
}

/** @throws MetergateError VALIDATION_ERROR for a day that no year has */
export function requireDay({ month, day }: MonthDay): void {
  requireRange("Month", month, 1, 12);
  requireRange("Day", day, 1, new Date(Date.UTC(2028, month, 0)).getUTCDate());
}

/** @throws MetergateError VALIDATION_ERROR */
export function requireOneOf(name: string, value: number, allowed: readonly number[]): void {
  if (!allowed.includes(value)) refuse(`${name} must be one of ${allowed.join(", ")}, not ${value}`);
}

const LOCAL_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)$/;

/**
 * A meter's local time as its parts, each as text.
 * @throws MetergateError VALIDATION_ERROR for a time that there is not
 */
export function partsOfLocalTime(text: string): readonly [string, string, string, string, string, string] {
  const [, year = "", month = "", day = "", hour = "", minute = "", second = ""] = LOCAL_TIME.exec(text) ?? [];
  const time = new Date(`${text}Z`);
  if (Number.isNaN(time.getTime()) || time.toISOString().slice(0, 19) !== text) refuse(`There is no time ${text}`);
  requireRange("The year of LocalTime", Number(year), 2000, 2099);
  return [year, month, day, hour, minute, second];
}
