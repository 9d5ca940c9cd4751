import { getActualMeterReads } from "../../../operations/monitoring/get-actual-meter-reads.ts";
import { ENERGY_REGISTERS, type EnergyRegister, type Reading } from "../../../operations/readings.ts";
import { execution, missingObject } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { readingOf, readScales, timeOf } from "../readings/reading.ts";
import { ENERGY_OBJECTS } from "./energy-registers.ts";

/** Clock and registers in one list, so that they belong together as closely as the meter can have it. */
export const getActualMeterReadsExecution = execution(getActualMeterReads, {
  missing: (profile) => missingObject(profile, "ACTIVE_ENERGY_IMPORT"),
  async run({ meter, profile, device }) {
    const objects = ENERGY_REGISTERS.map((register) => {
      const tag = ENERGY_OBJECTS[register];
      return { tag, ...findObject(profile, tag), scale: profile.objects.get(tag)?.scalerUnit };
    });
    const clock = attributeOf(findObject(profile, "CLOCK"), 2);
    const [time, ...values] = await meter.getAll([clock, ...objects.map((object) => attributeOf(object, 2))]);
    const scales = await readScales(meter, objects);
    const readings = ENERGY_REGISTERS.map((register, i): [EnergyRegister, Reading] => [
      register,
      readingOf(values[i]!, scales[i]!, objects[i]!.tag),
    ]);
    return {
      time: timeOf(time!, device.timezone, "its clock"),
      energy: Object.fromEntries(readings) as Record<EnergyRegister, Reading>,
    };
  },
});
