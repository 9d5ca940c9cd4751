import type { Unit } from "../../../domain/unit.ts";
import type { PowerQualityValue } from "../readings/power-quality.ts";
import { readScales } from "../readings/reading.ts";
import type { Scale } from "../readings/scaler-unit.ts";
import type { MeterSession } from "../session.ts";

const REGISTER = 3;
const COUNT: Scale = { scaler: 0, unit: "undefined" };

/** What the numbers of power quality mean: registers have a scale, all else counts. */
export async function readMeanings(
  meter: MeterSession,
  values: readonly PowerQualityValue[],
): Promise<{ readonly scaler: number; readonly unit: Unit; readonly isCount: boolean }[]> {
  const isCount = ({ classId }: PowerQualityValue) => classId !== REGISTER;
  const measured = values.map((value) => ({ ...value, scale: value.scale ?? (isCount(value) ? COUNT : undefined) }));
  const scales = await readScales(meter, measured);
  return values.map((value, i) => ({ ...scales[i]!, isCount: isCount(value) }));
}
