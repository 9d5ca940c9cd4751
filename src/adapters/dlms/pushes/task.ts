import type { DeviceEvent, RefusedEvent } from "../../../domain/device-event.ts";
import { listening, type Task } from "../../../domain/task.ts";
import { toHex } from "../../../lib/bytes.ts";
import type { Clock } from "../../../lib/clock.ts";
import { bareAddress } from "../../../transport/ip-address.ts";
import { PushError, type PushTransport } from "./decode.ts";
import { listenForPushes } from "./listener.ts";
import { openPush } from "./open-push.ts";
import type { PushSenders } from "./senders.ts";

/** What reading pushes takes. */
export interface PushReaderParts {
  readonly senders: PushSenders;
  readonly logger: {
    warn(context: Record<string, unknown>, text: string): void;
    error(context: Record<string, unknown>, text: string): void;
  };
  /** Keeps what a device told. */
  tell(event: DeviceEvent): Promise<unknown>;
  /** Keeps count of what came in a device's name and is not believed. */
  refuse(event: RefusedEvent): Promise<unknown>;
  /** Hears of a meter that an SMS has woken, and where its push came from. */
  announce?(device: string, address: string): void;
}

/** What listening for pushes takes. */
export interface PushParts extends PushReaderParts {
  readonly host: string;
  /** TCP and UDP; 0 takes a free one. */
  readonly port: number;
  readonly clock: Clock;
}

/** Octets of a refused message that the log of the process shows. */
const SHOWN_OCTETS = 64;

/** Reads what devices push, and tells it. */
export function pushListener({ host, port, clock, ...parts }: PushParts): Task {
  return listening("pushes of DLMS meters", () =>
    listenForPushes(host, port, clock, (message, transport, source) => {
      // The listener may hand over a view of a buffer that it uses again.
      handlePush(message.slice(), transport, source, parts).catch((err) =>
        parts.logger.error({ err }, "a push could not be kept"),
      );
    }),
  );
}

/** Tells what a message says. Of one that is refused the log of the process has the beginning. */
export async function handlePush(
  message: Uint8Array,
  transport: PushTransport,
  source: string,
  { senders, logger, tell, refuse, announce }: PushReaderParts,
): Promise<void> {
  try {
    const { push, counter } = await openPush(message, transport, senders);
    const { device, trigger, alarms, text } = push;
    await tell({ device, kind: trigger, alarms, text, message, source, counter });
    if (trigger === "sms-wakeup") announce?.(device, bareAddress(source));
  } catch (error) {
    if (!(error instanceof PushError)) throw error;
    logger.warn({ source, octets: toHex(message.subarray(0, SHOWN_OCTETS)) }, `push refused: ${error.message}`);
    if (error.claimed !== undefined) await refuse({ source, device: error.claimed, reason: error.message });
  }
}
