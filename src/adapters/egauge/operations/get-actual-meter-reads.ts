import { MetergateError } from "../../../domain/errors.ts";
import { getActualMeterReads } from "../../../operations/monitoring/get-actual-meter-reads.ts";
import type { Reading } from "../../../operations/readings.ts";
import { missingRegisters, readEnergy, wattHours } from "../energy.ts";
import { execution } from "../execution.ts";
import { stampMs } from "../stamp.ts";

/** The meter knows no tariffs: all that it counts is in the first. */
export const getActualMeterReadsExecution = execution(getActualMeterReads, {
  missing: (device) => missingRegisters(device, "importRegister", "exportRegister"),
  async run(context) {
    const { importRegister = "", exportRegister = "" } = context.device.egauge;
    const { rows } = await readEnergy(context, [importRegister, exportRegister], "now");
    const last = rows.at(-1);
    if (!last) throw new MetergateError("ILLEGAL_RESPONSE", "the meter told nothing of its registers");
    const [imported, exported] = last.counters.map((counter): Reading => ({ value: wattHours(counter), unit: "Wh" }));
    const nothing: Reading = { value: "0", unit: "Wh" };
    return {
      time: { epochMs: stampMs(last.time) },
      energy: {
        ...{ import: imported!, export: exported!, importTariff1: imported!, importTariff2: nothing },
        ...{ exportTariff1: exported!, exportTariff2: nothing },
      },
    };
  },
});
