import { MetergateError } from "../../domain/errors.ts";
import { type DecimalText, quotientText } from "../../lib/decimal.ts";
import type { EgaugeDevice } from "./device.ts";
import type { OperationContext } from "./execution.ts";
import { type MeterRegister, parseRegisters, type RegisterAnswer } from "./registers.ts";

/** Counts of a power register that make a watt-hour. */
const PER_WATT_HOUR = 3600n;
const PLACES = 3;

/** Why a meter's record does not say where its energy is counted. */
export function missingRegisters(
  { egauge }: EgaugeDevice,
  ...needed: readonly ("importRegister" | "exportRegister")[]
): string | undefined {
  const missing = needed.find((key) => egauge[key] === undefined);
  return missing && `the meter's record has no ${missing}`;
}

/** @param counter of a register that counts watts */
export function wattHours(counter: bigint): DecimalText {
  return quotientText(counter, PER_WATT_HOUR, PLACES);
}

/**
 * Asks for registers by name at some moments.
 * @param time in the meter's words
 * @returns counters in the order of the names
 * @throws MetergateError VALIDATION_ERROR when the meter has no such register, or it counts something else
 */
export async function readEnergy(
  { meter }: Pick<OperationContext, "meter">,
  names: readonly string[],
  time: string,
): Promise<RegisterAnswer> {
  const ask = async (query: [string, string][]) =>
    parseRegisters(await meter.call({ method: "GET", path: `/register?${new URLSearchParams(query)}` }));
  const { registers } = await ask([
    ["virtual", "value"],
    ["reg", "all"],
  ]);
  const chosen = names.map((name) => requirePower(registers, name));
  const places = [...new Set(chosen.map(({ idx }) => idx))].sort((a, b) => a - b);
  const query: [string, string][] = [
    ["virtual", "value"],
    ["reg", places.join("+")],
    ["time", time],
  ];
  const { rows, ...answer } = await ask(query);
  return {
    ...answer,
    rows: rows.map(({ time: at, counters }) => {
      if (counters.length !== places.length) {
        throw new MetergateError(
          "ILLEGAL_RESPONSE",
          `a row of ${counters.length} counters for ${places.length} registers`,
        );
      }
      return { time: at, counters: chosen.map(({ idx }) => counters[places.indexOf(idx)]!) };
    }),
  };
}

function requirePower(registers: readonly MeterRegister[], name: string): MeterRegister {
  const found = registers.find((register) => register.name === name);
  if (!found) throw new MetergateError("VALIDATION_ERROR", `the meter has no register ${name}`);
  if (found.type === "P") return found;
  throw new MetergateError("VALIDATION_ERROR", `the meter's register ${name} counts no energy`);
}
