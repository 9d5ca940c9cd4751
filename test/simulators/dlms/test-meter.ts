import assert from "node:assert/strict";
import type { ActionResult, DataAccessResult, GetResult, SelectiveAccess } from "../../../src/dlms/apdu.ts";
import type { CosemData } from "../../../src/dlms/data.ts";
import { ManualClock } from "../../../src/lib/clock.ts";
import { parseObis } from "../../../src/lib/obis.ts";
import type { Meter } from "../../../src/simulators/dlms/meter.ts";
import { createMeter, type MeterOptions } from "../../../src/simulators/dlms/meter-options.ts";
import { seededRandom } from "../../../src/simulators/dlms/random.ts";

/** Noon UTC on a winter day. */
export const NOON_MS = Date.UTC(2026, 0, 15, 12, 0, 0);

/** A meter whose time stands still, and the clock to move it. */
export function meterUnderTest(options: MeterOptions = {}, nowMs = NOON_MS): { meter: Meter; clock: ManualClock } {
  const clock = new ManualClock(nowMs);
  return { meter: createMeter({ clock, random: seededRandom("test"), ...options }), clock };
}

function reference(text: string): { classId: number; logicalName: ReturnType<typeof parseObis>; id: number } {
  const [classId, logicalName, id] = text.split("/");
  return { classId: Number(classId), logicalName: parseObis(logicalName!), id: Number(id) };
}

/** GET of `class/logical name/attribute`. */
export function get(meter: Meter, text: string, access?: SelectiveAccess): GetResult {
  const { classId, logicalName, id } = reference(text);
  return meter.get({ classId, logicalName, attribute: id, access });
}

/** GET that must succeed. */
export function value(meter: Meter, text: string, access?: SelectiveAccess): CosemData {
  const result = get(meter, text, access);
  assert.ok("data" in result, `${text} answers ${"error" in result ? result.error : ""}`);
  return result.data;
}

/** SET of `class/logical name/attribute` by the management client. */
export function set(meter: Meter, text: string, data: CosemData): DataAccessResult {
  const { classId, logicalName, id } = reference(text);
  return meter.set({ classId, logicalName, attribute: id }, data, "all");
}

/** ACTION of `class/logical name/method` by the management client. */
export function invoke(meter: Meter, text: string, parameters?: CosemData): ActionResult {
  const { classId, logicalName, id } = reference(text);
  return meter.invoke({ classId, logicalName, method: id }, parameters, "all").result;
}
