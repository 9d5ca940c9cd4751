import { MetergateError } from "../../../domain/errors.ts";
import { type RegisterQuery, readRegisters } from "../../../operations/egauge/read-registers.ts";
import { execution, type OperationContext } from "../execution.ts";
import { type MeterRegister, parseRegisters, type RegisterAnswer, toReadings } from "../registers.ts";
import { formatStamp } from "../stamp.ts";

/** Counters that are asked for at once. */
const MOST_COUNTERS = 50_000;

/**
 * Asks for registers; those that are computed from others have their column too.
 * @param time a range or a moment, in the meter's words
 */
async function ask({ meter }: Pick<OperationContext, "meter">, which: string, time: string): Promise<RegisterAnswer> {
  // The meter works its parameters off in their order.
  const query = new URLSearchParams([
    ["virtual", "value"],
    ["reg", which],
    ["rate", ""],
    ["time", time],
  ]);
  return parseRegisters(await meter.call({ method: "GET", path: `/register?${query}` }));
}

/** @throws MetergateError VALIDATION_ERROR when the meter has no register of one of the names */
function choose(registers: readonly MeterRegister[], names: readonly string[]): readonly MeterRegister[] {
  if (names.length === 0) return registers;
  const unknown = names.find((name) => !registers.some((register) => register.name === name));
  if (unknown !== undefined) throw new MetergateError("VALIDATION_ERROR", `the meter has no register ${unknown}`);
  return registers.filter(({ name }) => names.includes(name));
}

/** Reads what registers show now, and what they showed. */
async function readRegistersOf(
  context: Pick<OperationContext, "meter">,
  { names, period }: RegisterQuery,
): Promise<ReturnType<typeof toReadings>> {
  const now = await ask(context, "all", "now");
  const chosen = choose(now.registers, names);
  if (!period) {
    const columns = chosen.map((register) => now.registers.indexOf(register));
    const rows = now.rows.map(({ time, counters }) => {
      // What is not as long as the whole list is told from it.
      const isWhole = counters.length === now.registers.length;
      return { time, counters: isWhole ? columns.map((column) => counters[column]!) : counters };
    });
    return toReadings(now.time, chosen, rows);
  }
  const { fromMs, toMs, intervalSeconds } = period;
  const count = (Math.floor((toMs - fromMs) / 1000 / intervalSeconds) + 1) * chosen.length;
  if (count > MOST_COUNTERS) {
    const text = `${count} counters of ${chosen.length} registers are too many at once; ${MOST_COUNTERS} are not`;
    throw new MetergateError("VALIDATION_ERROR", text);
  }
  if (chosen.length === 0) return toReadings(now.time, [], []);
  const range = `${formatStamp(fromMs)}:${intervalSeconds}:${formatStamp(toMs)}`;
  const then = await ask(context, chosen.map(({ idx }) => idx).join("+"), range);
  return toReadings(now.time, chosen, then.rows);
}

export const readRegistersExecution = execution(readRegisters, { run: readRegistersOf });
