import { Snooze } from "../../../domain/adapter.ts";
import { MetergateError } from "../../../domain/errors.ts";
import type { FirmwareImage } from "../../../domain/firmware.ts";
import { sha256Hex } from "../../../lib/sha256.ts";
import { updateFirmware } from "../../../operations/configuration/update-firmware.ts";
import { isKnownUnsent } from "../../../transport/http-errors.ts";
import { requireReached } from "../buffer.ts";
import { execution, type Note, type OperationContext } from "../execution.ts";
import { firmwareLevel } from "./firmware-level.ts";

/** Between looks at what the gateway runs: each as long as the one before once more, and then always the longest. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Looks of about an hour, after the cloud took the image; and of a quarter, when that is not known. */
const MOST_LOOKS = 120;
const LOOKS_AFTER_A_LOST_ANSWER = 30;

/**
 * Hands an image to the gateway, once, and waits until the cloud knows that it runs: the octets that the image was added
 * with are the level that it shows then. The cloud tells nothing else of how an update goes.
 */
export const updateFirmwareExecution = execution(
  updateFirmware,
  async (context, { firmwareIdentification }) => {
    const file = await findImage(context, firmwareIdentification);
    const wanted = levelOf(file);
    const before = await context.noted();
    if ((await firmwareLevel(context)) === wanted) return {};
    const isOpen = before !== undefined && !before.isUnsent;
    const { sentMs, isTaken = false, looks = 0 } = isOpen ? before : await handOver(context, file.image);
    const most = isTaken ? MOST_LOOKS : LOOKS_AFTER_A_LOST_ANSWER;
    if (looks >= most) {
      const what = isTaken ? "Device Cloud took the image" : "it is not known whether Device Cloud took the image";
      throw new MetergateError(
        "OUTCOME_UNKNOWN",
        `${what}, and the gateway does not run ${wanted}. It was not sent again.`,
      );
    }
    await context.note({ sentMs, isTaken, looks: looks + 1 });
    throw new Snooze(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** looks), "the gateway is being updated");
  },
  () => undefined,
  "gateway",
);

/** @throws MetergateError CONNECTION_ERROR when the cloud could not hand it over; as `CloudClient.updateFirmware` */
async function handOver(context: OperationContext, image: Uint8Array): Promise<Note> {
  const { client, gateway, signal, clock } = context;
  const { account, deviceId } = await gateway();
  const sentMs = clock.now();
  await context.note({ sentMs });
  const unsent = async (error: unknown) => {
    await context.note({ sentMs, isUnsent: true });
    throw error;
  };
  const sent = client.updateFirmware(account, { deviceId, image }, signal);
  const reply = await sent.catch((error) => (isKnownUnsent(error) ? unsent(error) : Promise.reject(error)));
  try {
    return { sentMs, isTaken: requireReached(reply, deviceId) !== undefined };
  } catch (error) {
    return unsent(error);
  }
}

/** @throws MetergateError UNKNOWN_FIRMWARE, UNKNOWN_DEVICEMODEL, FIRMWARE_DOES_NOT_SUPPORT_DEVICE_MODEL */
async function findImage({ firmware, target }: OperationContext, identification: string): Promise<FirmwareImage> {
  const found = await firmware.find(identification);
  if (!found)
    throw new MetergateError("UNKNOWN_FIRMWARE", `No firmware file found with Identification ${identification}`);
  const { model, identification: device } = target;
  if (!model) throw new MetergateError("UNKNOWN_DEVICEMODEL", `Device ${device} has no device model`);
  if (!found.models.includes(model)) {
    const text = `Firmware ${identification} is for the models ${found.models.join(", ")}; ${device} is a ${model}`;
    throw new MetergateError("FIRMWARE_DOES_NOT_SUPPORT_DEVICE_MODEL", text);
  }
  if (sha256Hex(found.image) === found.sha256) return found;
  throw new MetergateError("INTERNAL", `Firmware file '${identification}' does not match its stored hash (SHA-256)`);
}

/** @throws MetergateError VALIDATION_ERROR when the image was added without the level that it brings */
function levelOf({ identification, imageIdentifier }: FirmwareImage): string {
  const level = Buffer.from(imageIdentifier ?? [])
    .toString("latin1")
    .trim();
  if (/^[\x20-\x7e]{1,64}$/.test(level)) return level;
  const text = `Firmware ${identification} was added without the level that gateways show when they run it (--identifier)`;
  throw new MetergateError("VALIDATION_ERROR", text);
}
