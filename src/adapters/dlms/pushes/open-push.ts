import { DlmsError, openNotification } from "../../../dlms/index.ts";
import type { DeviceEvent } from "../../../domain/device-event.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { toHex } from "../../../lib/bytes.ts";
import { decodePush, type Push, PushError, type PushTransport, readNotification, wrappingApdu } from "./decode.ts";
import type { PushSender, PushSenders } from "./senders.ts";

/** A push that may be believed as far as its device's record wants it proved. */
export interface OpenedPush {
  readonly push: Push;
  /** Of a ciphered one; whether it is new is told by the store. */
  readonly counter?: DeviceEvent["counter"];
}

/**
 * Takes the protection off a pushed message and reads it.
 * @throws PushError when it is no push, or has less protection than its device's record asks for
 * @throws MetergateError SERVICE_BUSY
 */
export async function openPush(
  message: Uint8Array,
  transport: PushTransport,
  senders: PushSenders,
): Promise<OpenedPush> {
  const apdu = wrappingApdu(message);
  const opened = apdu ? await openApdu(apdu, senders) : { push: decodePush(message, transport) };
  const { device } = opened.push;
  if (!opened.counter && (await senders.requiredOf(device)) !== undefined) {
    throw new PushError("it came in clear, and its device has to protect what it pushes", { claimed: device });
  }
  return opened;
}

async function openApdu(apdu: Uint8Array, senders: PushSenders): Promise<OpenedPush> {
  let systemTitle: Uint8Array | undefined;
  try {
    const { notification } = openNotification(apdu, (title) => {
      systemTitle = title;
      return undefined;
    });
    return { push: readNotification(notification) };
  } catch (error) {
    // What has a system title is ciphered, and is opened with the keys of whose it is.
    if (!systemTitle) throw asPushError(error);
  }
  return openCiphered(apdu, toHex(systemTitle), senders);
}

async function openCiphered(apdu: Uint8Array, systemTitle: string, senders: PushSenders): Promise<OpenedPush> {
  const sender = await findSender(systemTitle, senders);
  const { device, key } = sender;
  try {
    const { notification, origin } = openNotification(apdu, () => sender.keys, sender.required);
    const push = readNotification(notification);
    if (push.device !== device)
      throw new PushError(`it is in the name of ${push.device} and has the keys of ${device}`);
    return { push, counter: { key, value: origin!.counter } };
  } catch (error) {
    throw asPushError(error, device);
  }
}

async function findSender(systemTitle: string, senders: PushSenders): Promise<PushSender> {
  const claimed = `system title ${systemTitle}`;
  try {
    const sender = await senders.bySystemTitle(systemTitle);
    if (sender) return sender;
  } catch (error) {
    const isOfKeys = error instanceof MetergateError && error.code !== "SERVICE_BUSY";
    throw isOfKeys ? asPushError(error, claimed) : error;
  }
  throw new PushError("it is ciphered, and the record of no device, or of several, has its system title", { claimed });
}

function asPushError(error: unknown, claimed?: string): unknown {
  const isPeers = error instanceof DlmsError || error instanceof MetergateError || error instanceof PushError;
  return isPeers ? new PushError(error.message, { cause: error, claimed }) : error;
}
