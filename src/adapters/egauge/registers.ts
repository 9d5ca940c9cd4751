import * as z from "zod";
import { MetergateError } from "../../domain/errors.ts";
import { type DecimalText, floatText, quotientText } from "../../lib/decimal.ts";
import type { RegisterReadings } from "../../operations/egauge/read-registers.ts";
import { NOT_COUNTED, QUANTITIES } from "./quantities.ts";
import { parseStamp, stampMs } from "./stamp.ts";

/** Registers and rows that an answer may have; more than any meter has, and than we ask for. */
const MOST_REGISTERS = 1000;
const MOST_ROWS = 20_000;
/** Digits behind the point: of a kilowatt-hour, less than what is counted; of an average, beyond any accuracy. */
const TOTAL_PLACES = 9;
const AVERAGE_PLACES = 6;
/** Counters run over at 2^63. */
const COUNTER_BITS = 63;

const stamp = z.string().transform((text, context) => {
  const value = parseStamp(text);
  if (value !== undefined) return value;
  context.issues.push({ code: "custom", message: "is no time", input: text });
  return z.NEVER;
});

const register = z.looseObject({
  name: z.string().max(256),
  type: z.string().max(16),
  idx: z.int().min(0),
  did: z.int().min(0).optional(),
  rate: z.number().nullish(),
});

const answer = z.looseObject({
  ts: stamp,
  registers: z.array(register).max(MOST_REGISTERS).default([]),
  ranges: z
    .array(
      z.looseObject({
        ts: stamp,
        delta: z.union([z.number(), z.string()]).transform((value) => parseStamp(String(value)) ?? 0n),
        rows: z
          .array(z.array(z.string().regex(/^-?\d{1,20}$/)))
          .max(MOST_ROWS)
          .default([]),
      }),
    )
    .max(MOST_ROWS)
    .default([]),
});

export type MeterRegister = z.infer<typeof register>;

/** What a meter answers at /register. Times in nanoseconds since 1970. */
export interface RegisterAnswer {
  readonly time: bigint;
  readonly registers: readonly MeterRegister[];
  /** The oldest first, one for each time; counters by the register's place in the order of `idx`. */
  readonly rows: readonly { readonly time: bigint; readonly counters: readonly bigint[] }[];
}

/** @throws MetergateError ILLEGAL_RESPONSE */
export function parseRegisters(body: unknown): RegisterAnswer {
  const parsed = answer.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw illegal(`${issue?.path.map(String).join(".") || "the whole"} ${issue?.message}`);
  }
  const { ts, registers, ranges } = parsed.data;
  const rows = new Map<bigint, readonly bigint[]>();
  for (const { ts: youngest, delta, rows: cells } of ranges) {
    for (const [k, row] of cells.entries()) rows.set(youngest - BigInt(k) * delta, row.map(BigInt));
  }
  if (rows.size > MOST_ROWS) throw illegal(`more than ${MOST_ROWS} rows`);
  return {
    time: ts,
    registers: [...registers].sort((a, b) => a.idx - b.idx),
    rows: [...rows]
      .map(([time, counters]) => ({ time, counters }))
      .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)),
  };
}

function illegal(text: string): MetergateError {
  return new MetergateError("ILLEGAL_RESPONSE", `registers that are none: ${text}`);
}

/** By how much a counter went on, across its end too. */
export function advance(from: bigint, to: bigint): bigint {
  return BigInt.asIntN(COUNTER_BITS, to - from);
}

/** A counter in the unit of totals; undefined for a type that is not known. */
export function totalOf(type: string, counter: bigint): DecimalText | undefined {
  if (type === NOT_COUNTED) return String(counter);
  const quantity = QUANTITIES.get(type);
  return quantity && quotientText(counter, quantity.perTotal, TOTAL_PLACES);
}

/**
 * What a register showed on average while it went on by so much; undefined for a type that is not known or not counted.
 * @param nanoseconds above zero
 */
export function averageOf(type: string, advanced: bigint, nanoseconds: bigint): DecimalText | undefined {
  const quantity = QUANTITIES.get(type);
  if (!quantity || type === NOT_COUNTED) return undefined;
  return quotientText(advanced * 1_000_000_000n, quantity.perUnitSecond * nanoseconds, AVERAGE_PLACES);
}

/** What a caller is told of a register. */
function describe({ name, type, did, rate }: MeterRegister): RegisterReadings["registers"][number] {
  const quantity = QUANTITIES.get(type);
  const measured = typeof rate === "number" ? floatText(rate, 64) : undefined;
  return {
    ...{ name, type, isVirtual: did === undefined },
    ...(did !== undefined && { databaseId: did }),
    ...(quantity && { unit: quantity.unit, totalUnit: quantity.totalUnit }),
    ...(measured !== undefined && { rate: measured }),
  };
}

/**
 * What a caller is told.
 * @param described with their rates, in the order of `idx`
 * @param rows with a counter for each of them
 * @throws MetergateError ILLEGAL_RESPONSE when a row has another number of counters
 */
export function toReadings(
  time: bigint,
  described: readonly MeterRegister[],
  rows: RegisterAnswer["rows"],
): RegisterReadings {
  const readings = rows.flatMap((row, i) => {
    if (row.counters.length !== described.length) {
      throw illegal(`a row of ${row.counters.length} counters for ${described.length} registers`);
    }
    const before = rows[i - 1];
    return row.counters.map((counter, register) => {
      const { type } = described[register]!;
      const total = totalOf(type, counter);
      const average = before && averageOf(type, advance(before.counters[register]!, counter), row.time - before.time);
      return {
        ...{ timeMs: stampMs(row.time), register, counter: String(counter) },
        ...(total !== undefined && { total }),
        ...(average !== undefined && { average }),
      };
    });
  });
  return { meterTimeMs: stampMs(time), registers: described.map(describe), readings };
}
