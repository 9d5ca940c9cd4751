import type { DecimalText } from "../../lib/decimal.ts";
import { refuse } from "../checks.ts";
import { defineOperation } from "../operation.ts";

/** Readings of one register that a request may ask for, whatever the meter has. */
const MOST_READINGS = 10_000;

export interface RegisterQuery {
  /** All when empty. */
  readonly names: readonly string[];
  /** Absent: only what the registers show now. Milliseconds since 1970, both ends included. */
  readonly period?: { readonly fromMs: number; readonly toMs: number; readonly intervalSeconds: number } | undefined;
}

export interface RegisterReadings {
  readonly meterTimeMs: number;
  readonly registers: readonly {
    readonly name: string;
    /** As the meter calls the quantity. */
    readonly type: string;
    /** Absent for a register that is computed from others. */
    readonly databaseId?: number | undefined;
    readonly isVirtual: boolean;
    /** Of rate and averages; absent when the type is not known. */
    readonly unit?: string | undefined;
    readonly totalUnit?: string | undefined;
    /** What was measured last. */
    readonly rate?: DecimalText | undefined;
  }[];
  /** By time, the oldest first. */
  readonly readings: readonly {
    readonly timeMs: number;
    /** Index in `registers`. */
    readonly register: number;
    /** Signed, 64 bits, in steps of the type's own size. */
    readonly counter: string;
    readonly total?: DecimalText | undefined;
    /** Since the reading before. */
    readonly average?: DecimalText | undefined;
  }[];
}

/** What an eGauge meter's registers show, and what they showed. */
export const readRegisters = defineOperation<RegisterQuery, RegisterReadings>({
  name: "ReadRegisters",
  group: "MONITORING",
  effect: "reads",
  notification: "READ_REGISTERS",
  failure: "fault",
  check({ period }) {
    if (!period) return;
    const { fromMs, toMs, intervalSeconds } = period;
    if (toMs < fromMs) refuse(`To ${new Date(toMs).toISOString()} lies before From ${new Date(fromMs).toISOString()}`);
    const readings = Math.floor((toMs - fromMs) / 1000 / intervalSeconds) + 1;
    if (readings > MOST_READINGS)
      refuse(`the period has ${readings} readings; ${MOST_READINGS} can be asked for at once`);
  },
});
