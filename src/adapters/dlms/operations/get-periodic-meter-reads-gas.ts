import {
  getPeriodicMeterReadsGas,
  type PeriodicMeterReadsGas,
} from "../../../operations/monitoring/get-periodic-meter-reads-gas.ts";
import type { MeterTime } from "../../../operations/readings.ts";
import { execution, missingObject } from "../execution.ts";
import { findObject } from "../profiles/index.ts";
import { CaptureTimes } from "../readings/capture-time.ts";
import { gasScaleOf } from "../readings/gas-scale.ts";
import { readProfile } from "../readings/profile-reader.ts";
import type { ProfileRow } from "../readings/profile-rows.ts";
import { readScales } from "../readings/reading.ts";
import { scaledText } from "../readings/scaler-unit.ts";
import { gasChannelOf, gasObjects } from "./gas-meter.ts";
import { isOf, isStatus, profileTag, STEPS, statusOf } from "./periodic-reads.ts";

const CAPTURE_TIME = 5;

/** An entry from before the gas meter was there has no value, or a capture time that is none: it is no read. */
export const getPeriodicMeterReadsGasExecution = execution(getPeriodicMeterReadsGas, {
  missing: (profile) => missingObject(profile, "INTERVAL_VALUES_G"),
  async run(context, { periodType, ...range }): Promise<PeriodicMeterReadsGas> {
    const { meter, profile, device, target } = context;
    const channel = gasChannelOf(target);
    const objects = gasObjects(profile, channel);
    const tag = profileTag(profile, periodType, "G");
    const { columns, rows } = await readProfile(context, findObject(profile, tag, channel), {
      range,
      wanted: (column) =>
        isStatus(column) || objects.some((object) => isOf(column, object) || isOf(column, object, CAPTURE_TIME)),
      step: STEPS[periodType],
    });
    const object = objects.find((candidate) => columns.some((column) => isOf(column, candidate)));
    if (!object || rows.length === 0) return { periodType, unit: "m³", reads: [] };
    const [scale] = await readScales(meter, [{ ...object, scale: gasScaleOf(target.model ?? "") }]);
    const column = columns.findIndex((candidate) => isOf(candidate, object));
    const timeColumn = columns.findIndex((candidate) => isOf(candidate, object, CAPTURE_TIME));
    const status = columns.findIndex(isStatus);
    const captureTime = captureTimes(device.timezone, timeColumn);
    return {
      periodType,
      unit: scale!.unit,
      reads: rows.flatMap((row) => {
        const data = row.values[column];
        const value = data && scaledText(data, scale!.scaler);
        const captured = captureTime(row);
        if (value === undefined || !captured) return [];
        return [{ time: row.time, ...statusOf(row.values[status]), value, captureTime: captured }];
      }),
    };
  },
});

/** When the gas meter was read: as its column says, or with the entry where there is no such column. */
function captureTimes(timeZone: string, column: number): (row: ProfileRow) => MeterTime | undefined {
  const times = new CaptureTimes(timeZone);
  let previous: MeterTime | undefined;
  return ({ time, values }) => {
    const data = values[column];
    if (data === undefined || data.type === "null-data") return time;
    previous = times.decode(data, previous);
    return previous;
  };
}
