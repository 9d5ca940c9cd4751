import type { DeviceEvent } from "../../../domain/device-event.ts";
import type { Task } from "../../../domain/task.ts";
import { toHex } from "../../../lib/bytes.ts";
import type { Clock } from "../../../lib/clock.ts";
import { decodePush, PushError, type PushTransport } from "./decode.ts";
import { listenForPushes } from "./listener.ts";

/** What listening for pushes takes. */
export interface PushParts {
  readonly host: string;
  /** TCP and UDP; 0 takes a free one. */
  readonly port: number;
  readonly clock: Clock;
  readonly logger: {
    warn(context: Record<string, unknown>, text: string): void;
    error(context: Record<string, unknown>, text: string): void;
  };
  /** Keeps what a device told. */
  tell(event: DeviceEvent): Promise<unknown>;
}

/** Octets of a refused message that the log of the process shows. */
const SHOWN_OCTETS = 64;

/** Reads what devices push, and tells it. */
export function pushListener({ host, port, clock, logger, tell }: PushParts): Task {
  return {
    name: "pushes of DLMS meters",
    start: () =>
      listenForPushes(host, port, clock, (message, transport, source) => {
        const event = readPush(message, transport, source, logger);
        if (event) tell(event).catch((err) => logger.error({ err }, "a push could not be kept"));
      }),
  };
}

/** What a message says; undefined for a malformed one, of which the log of the process has the beginning. */
export function readPush(
  message: Uint8Array,
  transport: PushTransport,
  source: string,
  logger: Pick<PushParts["logger"], "warn">,
): DeviceEvent | undefined {
  try {
    const { device, trigger, alarms, text } = decodePush(message, transport);
    // The listener may hand over a view of a buffer that it uses again.
    return { device, kind: trigger, alarms, text, message: message.slice(), source };
  } catch (error) {
    if (!(error instanceof PushError)) throw error;
    logger.warn({ source, octets: toHex(message.subarray(0, SHOWN_OCTETS)) }, `push refused: ${error.message}`);
    return undefined;
  }
}
