import { MetergateError } from "../../../domain/errors.ts";
import { shiftDecimal } from "../../../lib/decimal.ts";
import { getActualMeterReads } from "../../../operations/monitoring/get-actual-meter-reads.ts";
import type { Reading } from "../../../operations/readings.ts";
import { typedReading } from "../codec/typed-reading.ts";
import { execution } from "../execution.ts";

/** The latest reading that the cloud has; a gateway takes one each minute or less often. */
export const getActualMeterReadsExecution = execution(getActualMeterReads, {
  async run({ meter }) {
    const { timeMs, energyKwh, tariffsKwh } = typedReading(await meter.latest());
    const reading = (value: string | undefined): Reading => {
      if (value !== undefined) return { value: shiftDecimal(value, 3), unit: "Wh" };
      throw new MetergateError("ILLEGAL_RESPONSE", "the reading lacks a register");
    };
    const [first, second] = tariffsKwh;
    return {
      time: { epochMs: timeMs },
      energy: {
        import: reading(energyKwh.import),
        export: reading(energyKwh.export),
        importTariff1: reading(first?.import),
        importTariff2: reading(second?.import),
        exportTariff1: reading(first?.export),
        exportTariff2: reading(second?.export),
      },
    };
  },
});
