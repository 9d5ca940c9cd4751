import { MetergateError } from "../../../domain/errors.ts";
import type { FirmwareImage } from "../../../domain/firmware.ts";
import { sha256Hex } from "../../../lib/sha256.ts";
import { updateFirmware } from "../../../operations/configuration/update-firmware.ts";
import { mbusOf } from "../../../operations/mbus.ts";
import { execution, missingObject, type OperationContext } from "../execution.ts";
import { isMbusFirmware, mbusImage, mbusImageIdentifier, prepareMbusFirmware } from "../firmware-file.ts";
import { type ImageToTransfer, ImageTransfer } from "../image-transfer.ts";

async function findFirmware({ firmware, target }: OperationContext, identification: string): Promise<FirmwareImage> {
  const found = await firmware.find(identification);
  if (!found) {
    throw new MetergateError("UNKNOWN_FIRMWARE", `No firmware file found with Identification ${identification}`);
  }
  if (!target.model) {
    throw new MetergateError("UNKNOWN_DEVICEMODEL", `Device ${target.identification} has no device model`);
  }
  if (!found.models.includes(target.model)) {
    throw new MetergateError(
      "FIRMWARE_DOES_NOT_SUPPORT_DEVICE_MODEL",
      `DeviceModel ${target.model} of smartmeter ${target.identification} is not in list of devicemodels supported by firmware file ${identification} : [${found.models.join(", ")}]`,
    );
  }
  if (sha256Hex(found.image) !== found.sha256) {
    throw new MetergateError("INTERNAL", `Firmware file '${identification}' does not match its stored hash (SHA-256)`);
  }
  return found;
}

async function prepare(context: OperationContext, file: FirmwareImage): Promise<ImageToTransfer & { hash: string }> {
  const { target, secrets, correlationUid } = context;
  const mbus = mbusOf(target);
  if (!isMbusFirmware(file.image)) {
    if (mbus) throw new MetergateError("VALIDATION_ERROR", `Firmware ${file.identification} is not for M-Bus devices`);
    if (!file.imageIdentifier) {
      throw new MetergateError("VALIDATION_ERROR", `Firmware ${file.identification} has no image identifier`);
    }
    return { identifier: file.imageIdentifier, image: file.image, verifies: true, hash: file.sha256 };
  }
  if (!mbus) {
    throw new MetergateError("VALIDATION_ERROR", `Firmware ${file.identification} is for M-Bus devices only`);
  }
  const type = "G_METER_FIRMWARE_UPDATE_AUTHENTICATION_KEY";
  const key = await secrets.getActive(target.identification, type, { purpose: "firmware", correlationUid });
  if (!key) {
    const text = `No key of type G_METER_FIRMWARE_UPDATE_AUTHENTICATION found for device ${target.identification}`;
    throw new MetergateError("KEY_NOT_PRESENT", text);
  }
  const image = prepareMbusFirmware(file.image, mbus, key);
  const identifier = mbusImageIdentifier(image, mbus);
  return { identifier, image, verifies: false, hash: sha256Hex(mbusImage(file.image)) };
}

/**
 * Brings a firmware image into a meter and activates it. What was begun with the same image is gone on with, also after
 * a cut connection: the record of the transfer is kept until the meter runs the image.
 */
export const updateFirmwareExecution = execution(updateFirmware, {
  missing: (profile) => missingObject(profile, "IMAGE_TRANSFER"),
  async run(context, { firmwareIdentification }) {
    const { firmware, target, device, meter, profile, clock } = context;
    const image = await prepare(context, await findFirmware(context, firmwareIdentification));
    const begun = await firmware.transfer(device.identification);
    const transfer = new ImageTransfer(
      {
        meter,
        profile,
        clock,
        begins: () => firmware.endTransfer(device.identification),
        progress: async (blocksDone, blocksTotal) => {
          context.progress(blocksDone, blocksTotal);
          await firmware.saveTransfer({
            device: device.identification,
            target: target.identification,
            sha256: image.hash,
            blocksDone,
            blocksTotal,
            updatedMs: clock.now(),
          });
        },
      },
      image,
    );
    const same = begun?.sha256 === image.hash && begun.target === target.identification;
    await transfer.run(same ? begun.blocksDone : undefined);
    await firmware.endTransfer(device.identification);
    return {};
  },
});
