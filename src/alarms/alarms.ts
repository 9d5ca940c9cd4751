import { MetergateError } from "../domain/errors.ts";
import type { Caller } from "../domain/request.ts";
import { toHex } from "../lib/bytes.ts";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { MessageLog } from "../message-log/message-log.ts";
import type { PushesStore, StoredPush } from "../store/pushes.ts";
import { sourceOf } from "../transport/source.ts";
import { decodePush, PushError, type PushTransport } from "./decode.ts";

export interface AlarmsOptions {
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

/** Octets of a refused message that the log of the process shows. */
const SHOWN_OCTETS = 64;

/** Takes what devices push, keeps the alarms among it, and gives them to the organisation that owns the device. */
export class Alarms {
  readonly #options: AlarmsOptions;

  constructor(options: AlarmsOptions) {
    this.#options = options;
  }

  /**
   * Handles one message; never throws for what it holds.
   * @returns the push that was stored, undefined for a wake-up, a malformed message or an unknown device
   */
  async receive(message: Uint8Array, transport: PushTransport, source: string): Promise<StoredPush | undefined> {
    const { pushes, messageLog, logger, clock, random } = this.#options;
    let push: ReturnType<typeof decodePush>;
    try {
      push = decodePush(message, transport);
    } catch (error) {
      if (!(error instanceof PushError)) throw error;
      logger.warn({ source, octets: toHex(message.subarray(0, SHOWN_OCTETS)) }, `push refused: ${error.message}`);
      return undefined;
    }
    const organisation = await this.#options.ownerOf(push.device);
    if (organisation === undefined) {
      logger.warn({ source, device: push.device }, "push of a device that is unknown or has no owner");
      await pushes.countUnknown({
        source: sourceOf(source),
        device: push.device,
        receivedMs: clock.now(),
        description: push.text,
      });
      return undefined;
    }
    const correlationUid = random.uuid().replaceAll("-", "");
    // The listener may hand over a view of a buffer that it uses again.
    const stored: StoredPush = {
      correlationUid,
      organisation,
      device: push.device,
      receivedMs: clock.now(),
      alarms: push.alarms,
      description: push.text,
      message: message.slice(),
    };
    const entry = messageLog.prepare({
      direction: "from-device",
      service: "push",
      operation: push.trigger,
      caller: { organisation, userName: "", applicationName: "" },
      device: push.device,
      correlationUid,
      body: stored.message,
    });
    if (push.trigger === "alarm") await pushes.keep(stored, [entry]);
    else await messageLog.write([entry]);
    logger.info({ device: push.device, correlationUid, alarms: push.alarms }, push.text);
    return push.trigger === "alarm" ? stored : undefined;
  }

  /**
   * The alarm that a correlation UID stands for.
   * @throws MetergateError UNKNOWN_CORRELATION_UID, also when another organisation owns the device
   */
  async fetch(input: { caller: Caller; device: string; correlationUid: string }): Promise<StoredPush> {
    const push = await this.#options.pushes.find(input.correlationUid);
    if (push?.organisation !== input.caller.organisation || push.device !== input.device) {
      throw new MetergateError("UNKNOWN_CORRELATION_UID", "No alarm is known under this correlation UID.");
    }
    return push;
  }
}
