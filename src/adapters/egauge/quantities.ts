/** What the registers of one type measure. */
export interface Quantity {
  /** Of rates and averages. */
  readonly unit: string;
  /** What is counted, mostly the unit for so many seconds. */
  readonly totalUnit: string;
  /** Counts that make one unit for one second. */
  readonly perUnitSecond: bigint;
  /** Counts that make one of `totalUnit`. */
  readonly perTotal: bigint;
}

function seconds(unit: string, perUnitSecond: bigint): Quantity {
  return { unit, totalUnit: `${unit} s`, perUnitSecond, perTotal: perUnitSecond };
}

/** Energy is told in thousands of hours of the unit, as everybody does. */
function energy(unit: string): Quantity {
  return { unit, totalUnit: `k${unit}h`, perUnitSecond: 1n, perTotal: 3_600_000n };
}

/**
 * Types of registers by the meter's codes, with the size of their counts as the maker's description has it. It names the
 * units of P, V, I, F and T; the units of the others are what the codes are taken to mean.
 */
export const QUANTITIES: ReadonlyMap<string, Quantity> = new Map([
  ["P", energy("W")],
  ["S", energy("VA")],
  ["var", energy("var")],
  ["V", seconds("V", 1000n)],
  ["I", seconds("A", 1000n)],
  ["F", seconds("Hz", 1000n)],
  ["T", seconds("°C", 1000n)],
  ["#", seconds("1", 1n)],
  ["#3", seconds("1", 1000n)],
  ["Ee", seconds("W/m²", 1n)],
  ["Pa", seconds("Pa", 1n)],
  ["Q", seconds("g/s", 1n)],
  ["R", seconds("Ω", 1n)],
  ["%", seconds("%", 1000n)],
  ["a", seconds("°", 1000n)],
  ["aq", seconds("AQI", 1000n)],
  ["h", seconds("%RH", 1000n)],
  ["m", seconds("m", 1000n)],
  ["ppm", seconds("ppm", 1000n)],
  ["Qe", seconds("Ah", 1000n)],
  ["THD", seconds("%", 1000n)],
  ["v", seconds("m/s", 1000n)],
  ["Qv", seconds("m³/s", 1_000_000_000n)],
  ["$", seconds("currency", 2n ** 29n)],
]);

/** Registers of this type do not count: what they show is the value itself. */
export const NOT_COUNTED = "d";
