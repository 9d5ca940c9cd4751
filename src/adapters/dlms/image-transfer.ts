import { asBoolean, asElements, asNumber, asOctets, asStructure, type CosemData, cosem } from "../../dlms/data.ts";
import { MetergateError } from "../../domain/errors.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { type Clock, since, sleep } from "../../lib/clock.ts";
import { resultName } from "./execution.ts";
import { attributeOf, findObject, methodOf, type Profile } from "./profiles/index.ts";
import type { MeterSession } from "./session.ts";

/** image_transfer_status, attribute 6 of interface class 18. */
const STATUS = {
  notInitiated: 0,
  initiated: 1,
  verificationInitiated: 2,
  verificationSuccessful: 3,
  verificationFailed: 4,
  activationInitiated: 5,
  activationSuccessful: 6,
  activationFailed: 7,
} as const;

/** A meter that works on something is asked again after the first of these, then ever more slowly. */
const FIRST_POLL_MS = 1_000;
const SLOWEST_POLL_MS = 10_000;
/** And not longer than this. */
const LONGEST_WAIT_MS = 60_000;
/** A transfer that was begun is gone on with here, and started over from anywhere else. */
const GOES_ON: ReadonlySet<number> = new Set([
  STATUS.initiated,
  STATUS.verificationInitiated,
  STATUS.verificationSuccessful,
  STATUS.activationInitiated,
  STATUS.activationSuccessful,
]);
/** A block that gets lost so often in a row does not get through at all. */
const MOST_TRIES_PER_BLOCK = 20;
/** Progress is stored once in so many blocks. */
const BLOCKS_PER_PROGRESS = 50;

/** An image on its way to a meter. */
export interface ImageToTransfer {
  readonly identifier: Uint8Array;
  readonly image: Uint8Array;
  /** Electricity meters verify and show what they got; M-Bus images are checked by the meter behind. */
  readonly verifies: boolean;
}

export interface ImageTransferParts {
  readonly meter: MeterSession;
  readonly profile: Profile;
  readonly clock: Clock;
  /**
   * Told before the meter is made to forget what it has and begin with this image. Until the next progress nobody can
   * say whose transfer the meter is in, so nobody may go on with it.
   */
  begins(): Promise<void>;
  /** Told after the start and every few blocks; what it stores makes resuming possible. */
  progress(blocksDone: number, blocksTotal: number): Promise<void>;
}

function isForNow(result: string): boolean {
  return result === "temporary-failure";
}

/** @param retry whether the same transfer may come to its end later */
function fail(text: string, retry = false): never {
  throw new MetergateError("DEVICE_REFUSED", `Upgrade of firmware did not succeed. ${text}`, { retry });
}

/** Brings an image into a meter by interface class 18 (Blue Book, image transfer), and makes it run. */
export class ImageTransfer {
  readonly #parts: ImageTransferParts;
  readonly #image: ImageToTransfer;

  constructor(parts: ImageTransferParts, image: ImageToTransfer) {
    this.#parts = parts;
    this.#image = image;
  }

  /**
   * Transfers, verifies and activates. Each step begins with a look at where the meter stands.
   * @param sent how many blocks an earlier run sent of this very image, undefined when none began with it. They are
   * not sent again, unless the meter says that it misses them.
   * @throws MetergateError DEVICE_REFUSED naming the step; what the session throws when the connection broke
   */
  async run(sent: number | undefined): Promise<void> {
    let status: number = sent === undefined ? STATUS.notInitiated : await this.#status();
    const { verifies } = this.#image;
    // Somebody else may have brought another image since.
    const isOther = verifies && status === STATUS.verificationSuccessful && !(await this.#showsImage());
    if (isOther || !GOES_ON.has(status)) {
      await this.#initiate();
      await this.#sendBlocks(0);
      status = STATUS.initiated;
    } else if (status === STATUS.initiated) {
      await this.#enable();
      await this.#sendBlocks(Math.max(sent ?? 0, await this.#firstMissing()));
    }
    if (verifies && (status === STATUS.initiated || status === STATUS.verificationInitiated)) {
      await this.#verify(status === STATUS.initiated);
    }
    if (status !== STATUS.activationSuccessful) await this.#activate(status !== STATUS.activationInitiated);
  }

  #attribute(attribute: number) {
    return attributeOf(findObject(this.#parts.profile, "IMAGE_TRANSFER"), attribute);
  }

  async #get(attribute: number): Promise<CosemData> {
    return this.#parts.meter.get(this.#attribute(attribute));
  }

  async #action(method: number, parameters: CosemData): Promise<string> {
    const reference = methodOf(findObject(this.#parts.profile, "IMAGE_TRANSFER"), method);
    return (await this.#parts.meter.action(reference, parameters)).result;
  }

  async #status(): Promise<number> {
    return asNumber(await this.#get(6), "image transfer status");
  }

  async #firstMissing(): Promise<number> {
    return asNumber(await this.#get(4), "first block not transferred");
  }

  async #enable(): Promise<void> {
    if (asBoolean(await this.#get(5), "image transfer enabled")) return;
    const result = await this.#parts.meter.set(this.#attribute(5), cosem.boolean(true));
    if (result !== "success") fail(`Image transfer could not be enabled: ${resultName(result)}`, isForNow(result));
  }

  async #initiate(): Promise<void> {
    const { identifier, image } = this.#image;
    await this.#enable();
    await this.#parts.begins();
    const parameters = cosem.structure([cosem.octetString(identifier), cosem.doubleLongUnsigned(image.length)]);
    const result = await this.#action(1, parameters);
    const status = await this.#waitWhile(STATUS.notInitiated);
    if (status !== STATUS.initiated) {
      fail(`Image transfer has not been initiated. Result: ${resultName(result)}`, isForNow(result));
    }
  }

  async #sendBlocks(from: number): Promise<void> {
    const { image } = this.#image;
    const blockSize = asNumber(await this.#get(2), "image block size");
    if (blockSize < 1) fail(`The meter's block size is ${blockSize}.`);
    const total = Math.ceil(image.length / blockSize);
    const send = (number: number) => {
      const block = image.subarray(number * blockSize, (number + 1) * blockSize);
      return this.#action(2, cosem.structure([cosem.doubleLongUnsigned(number), cosem.octetString(block)]));
    };
    await this.#parts.progress(from, total);
    for (let number = from; number < total; number++) {
      await send(number);
      if ((number + 1) % BLOCKS_PER_PROGRESS === 0) await this.#parts.progress(number + 1, total);
    }
    // Only what gets further counts as progress: a meter that misses now this block, now that one, is given up too.
    let tries = 0;
    let furthest = -1;
    for (let missing = await this.#firstMissing(); missing < total; missing = await this.#firstMissing()) {
      tries = missing > furthest ? 1 : tries + 1;
      if (tries > MOST_TRIES_PER_BLOCK) fail(`Block ${missing} of ${total} does not arrive.`, true);
      furthest = Math.max(furthest, missing);
      await send(missing);
    }
    await this.#parts.progress(total, total);
  }

  /**
   * Reads the status until it is another than `status`, or has been that for too long.
   * @param remind called when the status stays what it was from one look to the next
   */
  async #waitWhile(status: number, remind = async () => {}): Promise<number> {
    const { clock, meter } = this.#parts;
    const begun = clock.elapsed();
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(2 * pollMs, SLOWEST_POLL_MS)) {
      const now = await this.#status();
      if (now !== status || since(clock, begun) >= LONGEST_WAIT_MS) return now;
      if (pollMs > FIRST_POLL_MS) await remind();
      await sleep(clock, pollMs, meter.signal);
    }
  }

  async #verify(start: boolean): Promise<void> {
    const verify = () => this.#action(3, cosem.integer(0));
    let result = start ? await verify() : "temporary-failure";
    // A meter that was busy when it was asked may verify only when it is asked again, and says so by its status.
    const remind = async () => {
      result = await verify();
    };
    const status =
      result === "success" ? await this.#status() : await this.#waitWhile(STATUS.verificationInitiated, remind);
    const passed =
      result === "success" || status === STATUS.verificationSuccessful || status >= STATUS.activationInitiated;
    if (status === STATUS.verificationFailed || !passed) {
      const isCorrupt = status === STATUS.verificationFailed;
      fail(
        `The image could not be verified. Status: ${status}, result: ${resultName(result)}`,
        !isCorrupt && isForNow(result),
      );
    }
    if (!(await this.#showsImage())) fail("The meter does not show the image that was sent as the one to activate.");
  }

  /** A meter that shows another image than the one sent must not activate it. */
  async #showsImage(): Promise<boolean> {
    const { identifier, image } = this.#image;
    for (const info of asElements(await this.#get(7), "image to activate info")) {
      const [size, identification, signature] = asStructure(info, 3, "image to activate info");
      const shown = asOctets(signature, "image signature");
      const same =
        asNumber(size, "image size") === image.length &&
        equalBytes(asOctets(identification, "image identification"), identifier) &&
        equalBytes(shown, image.subarray(0, shown.length));
      if (same) return true;
    }
    return false;
  }

  async #activate(start: boolean): Promise<void> {
    const result = start ? await this.#action(4, cosem.integer(0)) : "temporary-failure";
    if (result === "success") return;
    if (result !== "temporary-failure") fail(`The image could not be activated: ${resultName(result)}`);
    const status = await this.#waitWhile(STATUS.activationInitiated);
    // A meter that is still at it restarts in its own time.
    if (status !== STATUS.activationInitiated && status !== STATUS.activationSuccessful) {
      fail(`The image could not be activated. Status: ${status}`);
    }
  }
}
