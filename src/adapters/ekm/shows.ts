import { isDeepStrictEqual } from "node:util";
import type { TariffTables } from "../../operations/ekm.ts";
import type { Verdict } from "./cloud.ts";
import type { RawReading } from "./codec/readings.ts";
import { meterTimeOf, numberOf } from "./codec/typed-reading.ts";

/**
 * How what a command does can be seen when its answer is missing: in a reading, in the tables that the meter gives, or
 * nowhere.
 */
export type Look =
  | { readonly in: "reading"; readonly shows: (reading: RawReading, sentMs: number) => Verdict["shows"] }
  | { readonly in: "tables"; readonly shows: (tables: TariffTables) => Verdict["shows"] }
  | { readonly in: "nothing" };

/** What no reading tells. */
export const NOWHERE: Look = { in: "nothing" };

/** A field of readings that has this value afterwards. */
export function fieldIs(name: string, value: number): Look {
  return {
    in: "reading",
    shows: (reading) => {
      const seen = numberOf(reading, name);
      if (seen === undefined) return "nothing";
      return Number(seen) === value ? "as-asked" : "otherwise";
    },
  };
}

/** Fields that are 0 afterwards, for a while: what is above says nothing. */
export function fieldsAreZero(...names: readonly string[]): Look {
  return {
    in: "reading",
    shows: (reading) => (names.every((name) => Number(numberOf(reading, name) ?? 1) === 0) ? "as-asked" : "nothing"),
  };
}

/** A part of the tables that is so afterwards. */
export function tablesHave<T>(part: (tables: TariffTables) => T, wanted: T): Look {
  return { in: "tables", shows: (tables) => (isDeepStrictEqual(part(tables), wanted) ? "as-asked" : "otherwise") };
}

/** A clock may be off by so much from the moment that it was set to: the command waited on its way. */
const MOST_OFF_MS = 120_000;

/** The clock goes on from `localTime`, a time without a zone, as of when the command was sent. */
export function clockGoesOnFrom(localTime: string): Look {
  return {
    in: "reading",
    shows: (reading, sentMs) => {
      const seen = meterTimeOf(reading);
      if (seen === undefined) return "nothing";
      const offsetMs = (local: string, atMs: number) => new Date(`${local}Z`).getTime() - atMs;
      const offMs = offsetMs(seen, reading.timeMs) - offsetMs(localTime, sentMs);
      return Math.abs(offMs) <= MOST_OFF_MS ? "as-asked" : "otherwise";
    },
  };
}
