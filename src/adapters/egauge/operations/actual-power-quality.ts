import type { Unit } from "../../../domain/unit.ts";
import { floatText } from "../../../lib/decimal.ts";
import { actualPowerQuality } from "../../../operations/monitoring/actual-power-quality.ts";
import type { PowerQualityType } from "../../../operations/readings.ts";
import { execution } from "../execution.ts";
import { parseRegisters } from "../registers.ts";
import { stampMs } from "../stamp.ts";

/** Types of registers that tell of the grid, and of what hangs on it, with the units of their rates. */
const UNITS: Readonly<Record<PowerQualityType, Readonly<Record<string, Unit>>>> = {
  PUBLIC: { V: "V", F: "Hz", THD: "%" },
  PRIVATE: { I: "A", P: "W", S: "VA", var: "var" },
};

/** What the registers of a kind measured last, by their own names. */
export const actualPowerQualityExecution = execution(actualPowerQuality, {
  async run({ meter }, { profileType }) {
    const query = new URLSearchParams([
      ["reg", "all"],
      ["rate", ""],
    ]);
    const { time, registers } = parseRegisters(await meter.call({ method: "GET", path: `/register?${query}` }));
    return {
      time: { epochMs: stampMs(time) },
      values: registers.flatMap(({ name, type, rate }) => {
        const unit = UNITS[profileType][type];
        const value = typeof rate === "number" ? floatText(rate, 64) : undefined;
        return unit === undefined ? [] : [{ name, unit, isCount: false, value: value ?? null }];
      }),
    };
  },
});
