import type { RecordValues } from "../../smart-energy/records.ts";
import { UNVERIFIED } from "../../smart-energy/unverified.ts";
import { fromUtc2000 } from "../../smart-energy/values.ts";

/** Something with a beginning and an end that a gateway keeps: a load control event, a message or a price. */
export interface Entry {
  readonly id: number;
  /** As it is echoed and listed. */
  readonly values: RecordValues;
  readonly startMs: number;
  /** Infinity for what stays until something takes its place. */
  endMs: number;
}

/** @param nowMs what a start of 0 means */
export function entryOf(values: RecordValues, idField: string, nowMs: number): Entry {
  const { start_time: start = 0, duration_in_minutes: minutes = 0 } = values;
  const startMs = start === 0 ? nowMs : fromUtc2000(Number(start));
  const isOpen = minutes === UNVERIFIED.openDuration;
  return {
    id: Number(values[idField]),
    values,
    startMs,
    endMs: isOpen ? Number.POSITIVE_INFINITY : startMs + Number(minutes) * 60_000,
  };
}

/** From its start on, its end not included. */
export function isActive({ startMs, endMs }: Pick<Entry, "startMs" | "endMs">, nowMs: number): boolean {
  return startMs <= nowMs && nowMs < endMs;
}

export function overlap(a: Pick<Entry, "startMs" | "endMs">, b: Pick<Entry, "startMs" | "endMs">): boolean {
  return a.startMs < b.endMs && b.startMs < a.endMs;
}
