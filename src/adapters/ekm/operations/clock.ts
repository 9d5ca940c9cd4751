import type { Confirmation } from "../../../operations/ekm.ts";
import { partsOfLocalTime } from "../../../operations/ekm.ts";
import type { MeterSession } from "../meter-session.ts";
import { clockGoesOnFrom } from "../shows.ts";

/** Sets the meter's clock to a time without a zone: `2026-01-31T12:00:00`. */
export function setClock(meter: MeterSession, localTime: string): Promise<Confirmation> {
  const [year, month, day, hour, minutes, seconds] = partsOfLocalTime(localTime);
  return meter.change("SetTime", { year, month, day, hour, minutes, seconds }, clockGoesOnFrom(localTime));
}
