import { MetergateError } from "../../domain/errors.ts";
import type { MeterSession } from "./session.ts";
import { parseStamp, stampMs } from "./stamp.ts";

/** What the meter's clock shows, in milliseconds since 1970. */
export async function readTime(meter: MeterSession): Promise<number> {
  const told = await meter.result("/sys/time");
  const stamp = typeof told === "string" ? parseStamp(told) : undefined;
  if (stamp !== undefined) return stampMs(stamp);
  throw new MetergateError("ILLEGAL_RESPONSE", "the meter told no time");
}
