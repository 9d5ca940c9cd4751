import { MetergateError } from "../domain/errors.ts";
import type { Caller } from "../domain/request.ts";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import { prepareEntry } from "../message-log/message-log.ts";
import type { StoredSystemEvent, SystemEventsStore } from "../store/system-events.ts";

export interface SystemEventsOptions {
  readonly events: SystemEventsStore;
  /** The organisation that owns a device; undefined when the device is unknown or nobody's. */
  readonly ownerOf: (device: string) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly random: Random;
}

/** The same is told of a device once in so long, however often it is noticed. */
const QUIET_MS = 24 * 3_600_000;

/** Keeps what the platform notices of devices, and gives it to the organisation that owns the device. */
export class SystemEvents {
  readonly #options: SystemEventsOptions;

  constructor(options: SystemEventsOptions) {
    this.#options = options;
  }

  /**
   * Our invocation counter of a device nears its end, so that it needs a new encryption key.
   * @returns the event, undefined when it was told within a day or the device is nobody's
   */
  async counterNearsEnd(device: string, counter: number): Promise<StoredSystemEvent | undefined> {
    const { events, ownerOf, clock, random } = this.#options;
    const organisation = await ownerOf(device);
    if (organisation === undefined) return undefined;
    const event: StoredSystemEvent = {
      correlationUid: random.uuid().replaceAll("-", ""),
      organisation,
      device,
      type: "INVOCATION_COUNTER_THRESHOLD_REACHED",
      atMs: clock.now(),
      reason: `Invocation counter of device ${device} is ${counter}: replace its encryption key`,
    };
    const entry = prepareEntry(
      {
        ...{ class: "event", direction: "in", service: "system event", operation: event.type, device },
        caller: { organisation, userName: "", applicationName: "" },
        correlationUid: event.correlationUid,
        body: Buffer.from(event.reason),
      },
      event.atMs,
      random,
    );
    return (await events.keepNew(event, event.atMs - QUIET_MS, [entry])) ? event : undefined;
  }

  /**
   * The event that a correlation UID stands for.
   * @throws MetergateError UNKNOWN_CORRELATION_UID, also when another organisation owns the device
   */
  async fetch(input: { caller: Caller; device: string; correlationUid: string }): Promise<StoredSystemEvent> {
    const event = await this.#options.events.find(input.correlationUid);
    if (event?.organisation !== input.caller.organisation || event.device !== input.device) {
      throw new MetergateError("UNKNOWN_CORRELATION_UID", "No system event is known under this correlation UID.");
    }
    return event;
  }
}
