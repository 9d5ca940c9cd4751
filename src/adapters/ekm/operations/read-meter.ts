import { readMeter } from "../../../operations/ekm/read-meter.ts";
import { typedReading } from "../codec/typed-reading.ts";
import { execution } from "../execution.ts";

export const readMeterExecution = execution(readMeter, {
  run: async ({ meter }, { count }) => ({ readings: (await meter.readings(count)).slice(0, count).map(typedReading) }),
});
