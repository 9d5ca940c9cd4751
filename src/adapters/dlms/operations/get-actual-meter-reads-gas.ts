import { getActualMeterReadsGas } from "../../../operations/monitoring/get-actual-meter-reads-gas.ts";
import { execution, missingObject } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { gasScaleOf } from "../readings/gas-scale.ts";
import { readingOf, readScales, timeOf } from "../readings/reading.ts";
import { gasChannelOf, gasObjects } from "./gas-meter.ts";

const VALUE = 2;
const CAPTURE_TIME = 5;

export const getActualMeterReadsGasExecution = execution(getActualMeterReadsGas, {
  missing: (profile) => missingObject(profile, "MBUS_MASTER_VALUE"),
  async run({ meter, profile, device, target }) {
    const channel = gasChannelOf(target);
    const object = gasObjects(profile, channel)[0]!;
    const [time, value, captured] = await meter.getAll([
      attributeOf(findObject(profile, "CLOCK"), VALUE),
      attributeOf(object, VALUE),
      attributeOf(object, CAPTURE_TIME),
    ]);
    const [scale] = await readScales(meter, [{ ...object, scale: gasScaleOf(target.model ?? "") }]);
    const gasMeter = `the M-Bus device on channel ${channel}`;
    return {
      time: timeOf(time!, device.timezone, "its clock"),
      consumption: readingOf(value!, scale!, gasMeter),
      captureTime: timeOf(captured!, device.timezone, gasMeter),
    };
  },
});
