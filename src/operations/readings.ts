import type { Unit } from "../domain/unit.ts";
import type { DecimalText } from "../lib/decimal.ts";
import { refuse } from "./checks.ts";

/** A moment as a meter told it. */
export interface MeterTime {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly epochMs: number;
  /** Minutes from the meter's local time to UTC, when the meter told. */
  readonly deviationMinutes?: number | undefined;
  /** Octet of the clock status, when the meter told. */
  readonly clockStatus?: number | undefined;
}

/** Moments by column, as there are thousands of them in a year. */
export interface MeterTimes {
  readonly epochMs: readonly number[];
  /** Null where the meter did not tell, absent when it never did; so is the next. */
  readonly deviationMinutes?: readonly (number | null)[] | undefined;
  readonly clockStatus?: readonly (number | null)[] | undefined;
}

/** A measured value with all of its digits. */
export interface Reading {
  readonly value: DecimalText;
  readonly unit: Unit;
}

/** What an electricity meter counts. */
export const ENERGY_REGISTERS = [
  "import",
  "export",
  "importTariff1",
  "importTariff2",
  "exportTariff1",
  "exportTariff2",
] as const;
export type EnergyRegister = (typeof ENERGY_REGISTERS)[number];

/** What the status of a profile's entry may say, by its bits, least significant first. */
export const PROFILE_STATUS_FLAGS = [
  "CRITICAL_ERROR",
  "CLOCK_INVALID",
  "DATA_NOT_VALID",
  "DAYLIGHT_SAVING",
  "NOT_USED",
  "CLOCK_ADJUSTED",
  "RECOVERED_VALUE",
  "POWER_DOWN",
] as const;
export type ProfileStatusFlag = (typeof PROFILE_STATUS_FLAGS)[number];

/** What the octet of a status says; other bits say nothing. */
export function statusFlags(status: number): ProfileStatusFlag[] {
  return PROFILE_STATUS_FLAGS.filter((_, bit) => (status & (1 << bit)) !== 0);
}

export type PeriodType = "INTERVAL" | "DAILY" | "MONTHLY";

/** A stretch of time, both ends included; milliseconds since 1970. */
export interface TimeRange {
  readonly beginMs: number;
  readonly endMs: number;
}

export interface PeriodicReads extends TimeRange {
  readonly periodType: PeriodType;
}

/** @throws MetergateError VALIDATION_ERROR when the range ends before it begins */
export function checkRange({ beginMs, endMs }: TimeRange): void {
  if (endMs >= beginMs) return;
  refuse(`EndDate ${new Date(endMs).toISOString()} lies before BeginDate ${new Date(beginMs).toISOString()}`);
}

/** Which values of power quality: of the grid, or of the household. */
export type PowerQualityType = "PUBLIC" | "PRIVATE";

/** @throws MetergateError VALIDATION_ERROR for another text */
export function checkPowerQualityType({ profileType }: { readonly profileType: string }): void {
  if (profileType !== "PUBLIC" && profileType !== "PRIVATE") {
    refuse(`ProfileType must be PUBLIC or PRIVATE, not ${profileType}`);
  }
}
