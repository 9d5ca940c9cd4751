import type { smMonitoring } from "../generated/index.ts";
import { printable } from "./values.ts";

/** What the platform noticed of a device, in the domain's words. */
export interface SystemEvent {
  readonly device: string;
  readonly type: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly reason: string;
}

export function fromSystemEvent({ device, type, atMs, reason }: SystemEvent): smMonitoring.GetSystemEventResponse {
  return {
    Timestamp: new Date(atMs),
    // There is one; the encoder lets no other name through.
    SystemEventType: type as smMonitoring.GetSystemEventResponse["SystemEventType"],
    DeviceIdentification: device,
    Reason: printable(reason),
  };
}
