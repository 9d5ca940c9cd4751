import type { ActionResult } from "../../../dlms/apdu.ts";
import { asBoolean, asElements, asNumber, asOctets, type CosemData } from "../../../dlms/data.ts";
import { concatBytes } from "../../../lib/bytes.ts";
import { parseObis } from "../../../lib/obis.ts";
import type { ImageSettings } from "../behaviour.ts";
import { cosemObject, readOnly, writable } from "../cosem-object.ts";
import { logEvent } from "../events.ts";
import type { Meter, StateKey } from "../meter.ts";
import { happens } from "../random.ts";
import { array, bitString, boolean, doubleLongUnsigned, enumerated, octetString, structure } from "../values.ts";

/** Octets of one block; the last one of an image may be shorter. */
export const BLOCK_SIZE = 216;
/** Larger images are refused: their bookkeeping would cost memory before any octet has come. */
const LARGEST_IMAGE = 64 * 1024 * 1024;
const SIGNATURE_OCTETS = 4;
const CORRUPT_SUFFIX = ".corrupt";

/** image_transfer_status (Blue Book, class 18). */
export const IMAGE_STATUS = {
  notInitiated: 0,
  initiated: 1,
  verificationInitiated: 2,
  verificationSuccessful: 3,
  verificationFailed: 4,
  activationInitiated: 5,
  activationSuccessful: 6,
  activationFailed: 7,
} as const;

/** What has come of an image. */
export interface ImageTransfer {
  identifier: Uint8Array;
  /** Octets. */
  size: number;
  readonly blocks: Map<number, Uint8Array>;
  status: number;
  /** When the running verification or activation ends, by the simulation's monotonic clock. */
  doneAtMs: number;
}

/** Unless a behaviour says otherwise. */
const USUAL: ImageSettings = { blockLoss: 0.03, verificationMs: 0, activationMs: 20_000 };

function setting(meter: Meter, name: keyof ImageSettings): number {
  return meter.behaviours.first(({ image }) => image?.[name]) ?? USUAL[name];
}

export const IMAGE_TRANSFER_STATE: StateKey<ImageTransfer> = {
  create: () => ({
    identifier: new Uint8Array(0),
    size: 0,
    blocks: new Map(),
    status: IMAGE_STATUS.notInitiated,
    doneAtMs: 0,
  }),
};

const ENABLED = writable("boolean", boolean(false));

function blockCount(image: ImageTransfer): number {
  return Math.ceil(image.size / BLOCK_SIZE);
}

function firstNotTransferred(image: ImageTransfer): number {
  let block = 0;
  while (image.blocks.has(block)) block++;
  return block;
}

function isComplete(image: ImageTransfer): boolean {
  return image.size > 0 && image.blocks.size === blockCount(image);
}

/** The image that has come so far in block order, without what is missing. */
export function receivedImage(meter: Meter): Uint8Array {
  const { blocks } = meter.state(IMAGE_TRANSFER_STATE);
  return concatBytes(...[...blocks.keys()].sort((a, b) => a - b).map((number) => blocks.get(number)!));
}

/** The state of the transfer, after a verification or activation that has run its time was closed. */
function presentState(meter: Meter): ImageTransfer {
  const image = meter.state(IMAGE_TRANSFER_STATE);
  if (meter.description.clock.elapsed() >= image.doneAtMs) {
    if (image.status === IMAGE_STATUS.verificationInitiated) endVerification(meter, image);
    if (image.status === IMAGE_STATUS.activationInitiated) endActivation(meter, image);
  }
  return image;
}

function endVerification(meter: Meter, image: ImageTransfer): void {
  const corrupt = Buffer.from(image.identifier).toString("latin1").endsWith(CORRUPT_SUFFIX);
  image.status = corrupt ? IMAGE_STATUS.verificationFailed : IMAGE_STATUS.verificationSuccessful;
  if (!corrupt) logEvent(meter, "standard", "FIRMWARE_READY_FOR_ACTIVATION");
}

function endActivation(meter: Meter, image: ImageTransfer): void {
  image.status = IMAGE_STATUS.activationSuccessful;
  logEvent(meter, "standard", "FIRMWARE_ACTIVATED");
}

function isEnabled(meter: Meter): boolean {
  return asBoolean(meter.value(ENABLED));
}

function initiate(meter: Meter, parameter: CosemData): ActionResult {
  const [identifier, sizeElement] = asElements(parameter);
  const size = asNumber(sizeElement!);
  if (!isEnabled(meter) || size === 0 || size > LARGEST_IMAGE) return "other-reason";
  const image = meter.state(IMAGE_TRANSFER_STATE);
  image.identifier = asOctets(identifier!).slice();
  image.size = size;
  image.blocks.clear();
  image.status = IMAGE_STATUS.initiated;
  return "success";
}

function takeBlock(meter: Meter, parameter: CosemData): ActionResult {
  const [numberElement, blockElement] = asElements(parameter);
  const number = asNumber(numberElement!);
  const block = asOctets(blockElement!);
  const image = presentState(meter);
  if (!isEnabled(meter) || image.status !== IMAGE_STATUS.initiated) return "other-reason";
  const expected = Math.min(BLOCK_SIZE, image.size - number * BLOCK_SIZE);
  if (block.length !== expected) return "other-reason";
  if (!happens(meter.random, setting(meter, "blockLoss"))) image.blocks.set(number, block.slice());
  return "success";
}

function verify(meter: Meter): ActionResult {
  const image = presentState(meter);
  if (image.status === IMAGE_STATUS.verificationInitiated) return "temporary-failure";
  if (image.status === IMAGE_STATUS.verificationSuccessful) return "success";
  if (!isComplete(image)) {
    image.status = IMAGE_STATUS.verificationFailed;
    return "other-reason";
  }
  image.status = IMAGE_STATUS.verificationInitiated;
  image.doneAtMs = meter.description.clock.elapsed() + setting(meter, "verificationMs");
  const { status } = presentState(meter);
  if (status === IMAGE_STATUS.verificationInitiated) return "temporary-failure";
  return status === IMAGE_STATUS.verificationSuccessful ? "success" : "other-reason";
}

/** Activation needs all blocks but no verification before: images for M-Bus devices are activated without one. */
function activate(meter: Meter): ActionResult {
  const image = presentState(meter);
  if (image.status === IMAGE_STATUS.activationInitiated) return "temporary-failure";
  if (image.status === IMAGE_STATUS.activationSuccessful) return "success";
  if (!isComplete(image) || image.status === IMAGE_STATUS.verificationFailed) {
    image.status = IMAGE_STATUS.activationFailed;
    return "other-reason";
  }
  image.status = IMAGE_STATUS.activationInitiated;
  image.doneAtMs = meter.description.clock.elapsed() + setting(meter, "activationMs");
  return presentState(meter).status === IMAGE_STATUS.activationSuccessful ? "success" : "temporary-failure";
}

function transferredBlocks(image: ImageTransfer): CosemData {
  const count = blockCount(image);
  const bits = new Uint8Array(Math.ceil(count / 8));
  for (const block of image.blocks.keys()) bits[block >> 3]! |= 0x80 >> (block & 7);
  return bitString(bits, count);
}

/** image_to_activate_info: there is something to activate once all blocks have come and none was found corrupt. */
function toActivate(image: ImageTransfer): CosemData {
  if (!isComplete(image) || image.status === IMAGE_STATUS.verificationFailed) return array([]);
  const signature = image.blocks.get(0)!.slice(0, SIGNATURE_OCTETS);
  return array([structure(doubleLongUnsigned(image.size), octetString(image.identifier), octetString(signature))]);
}

/** Class 18: takes an image in blocks, verifies and activates it. */
export const IMAGE_TRANSFER = cosemObject(
  18,
  0,
  parseObis("0.0.44.0.0.255"),
  {
    2: readOnly("double-long-unsigned", doubleLongUnsigned(BLOCK_SIZE)),
    3: readOnly("bit-string", (meter) => transferredBlocks(presentState(meter))),
    4: readOnly("double-long-unsigned", (meter) => doubleLongUnsigned(firstNotTransferred(presentState(meter)))),
    5: ENABLED,
    6: readOnly("enum", (meter) => enumerated(presentState(meter).status)),
    7: readOnly("array", (meter) => toActivate(presentState(meter))),
  },
  {
    1: { parameter: { structure: ["octet-string", "double-long-unsigned"] }, invoke: initiate },
    2: { parameter: { structure: ["double-long-unsigned", "octet-string"] }, invoke: takeBlock },
    3: { parameter: "integer", invoke: verify },
    4: { parameter: "integer", invoke: activate },
  },
);
