import type { DeviceEvent, RefusedEvent } from "../domain/device-event.ts";
import { MetergateError } from "../domain/errors.ts";
import type { Caller } from "../domain/request.ts";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { MessageLog } from "../message-log/message-log.ts";
import type { PushesStore, StoredPush } from "../store/pushes.ts";
import { sourceOf } from "../transport/source.ts";

export interface DeviceEventsOptions {
  readonly pushes: PushesStore;
  readonly messageLog: MessageLog;
  /** The organisation that owns a device; undefined when the device is unknown or nobody's. */
  readonly ownerOf: (device: string) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: {
    info(context: Record<string, unknown>, text: string): void;
    warn(context: Record<string, unknown>, text: string): void;
  };
}

/** Takes what devices tell unasked, keeps the alarms among it, and gives them to the organisation that owns the device. */
export class DeviceEvents {
  readonly #options: DeviceEventsOptions;

  constructor(options: DeviceEventsOptions) {
    this.#options = options;
  }

  /** @returns what was kept for the owner: undefined for what is no alarm, a replay, or comes from an unknown device */
  async receive(event: DeviceEvent): Promise<StoredPush | undefined> {
    const { pushes, messageLog, logger, clock, random } = this.#options;
    const { device, kind, alarms, text, message, source, counter } = event;
    const organisation = await this.#options.ownerOf(device);
    if (organisation === undefined) {
      logger.warn({ source, device }, "push of a device that is unknown or has no owner");
      await this.#count(source, device, text);
      return undefined;
    }
    const correlationUid = random.uuid().replaceAll("-", "");
    const stored: StoredPush = {
      correlationUid,
      organisation,
      device,
      receivedMs: clock.now(),
      alarms,
      description: text,
      message,
    };
    const entry = messageLog.prepare({
      class: "event",
      direction: "from-device",
      service: "push",
      operation: kind,
      caller: { organisation, userName: "", applicationName: "" },
      device,
      correlationUid,
      body: stored.message,
    });
    const kept = kind === "alarm" ? stored : undefined;
    if (!(await pushes.keep(kept, [entry], counter && { device, key: counter.key, counter: counter.value }))) {
      const reason = `invocation counter ${counter?.value} or a higher one came before: a replay`;
      logger.warn({ source, device }, `push refused: ${reason}`);
      await this.refuse({ source, device, reason });
      return undefined;
    }
    logger.info({ device, correlationUid, alarms }, text);
    return kept;
  }

  /** Counts what is not believed beside what comes from unknown devices. */
  async refuse({ source, device, reason }: RefusedEvent): Promise<void> {
    await this.#count(source, device, `refused: ${reason}`);
  }

  async #count(source: string, device: string, description: string): Promise<void> {
    const { pushes, clock } = this.#options;
    await pushes.countUnknown({ source: sourceOf(source), device, receivedMs: clock.now(), description });
  }

  /**
   * The alarm that a correlation UID stands for.
   * @param input the device may be left out
   * @throws MetergateError UNKNOWN_CORRELATION_UID, also when another organisation owns the device
   */
  async fetch(input: { caller: Caller; device?: string | undefined; correlationUid: string }): Promise<StoredPush> {
    const push = await this.#options.pushes.find(input.correlationUid);
    const { caller, device = push?.device } = input;
    if (push?.organisation !== caller.organisation || push.device !== device) {
      throw new MetergateError("UNKNOWN_CORRELATION_UID", "No alarm is known under this correlation UID.");
    }
    return push;
  }
}
