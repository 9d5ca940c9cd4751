import type { Device } from "../../../domain/device.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { mbusOf } from "../../../operations/mbus.ts";
import { NO_GATEWAY } from "../../run-actions.ts";
import { findObject, hasObject, type Profile } from "../profiles/index.ts";

/**
 * The M-Bus channel that a gas meter is read on.
 * @throws MetergateError VALIDATION_ERROR in the words that callers of the public contract know
 */
export function gasChannelOf(device: Device): number {
  if (device.gateway?.channel !== undefined) return device.gateway.channel;
  const text = mbusOf(device) ? NO_GATEWAY : "Meter for gas reads should have a channel configured.";
  throw new MetergateError("VALIDATION_ERROR", text);
}

/** What holds the volume of a gas meter: class 4; the one that is read most often comes first. */
export function gasObjects(profile: Profile, channel: number) {
  return (["MBUS_MASTER_VALUE_5MIN", "MBUS_MASTER_VALUE"] as const)
    .filter((tag) => hasObject(profile, tag))
    .map((tag) => findObject(profile, tag, channel));
}
