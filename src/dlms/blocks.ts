import type { DataBlock } from "./apdu.ts";
import { DlmsError } from "./errors.ts";
import { OctetJoiner } from "./octet-joiner.ts";

/** Bounds of a transfer in blocks. */
export interface BlockLimits {
  /** Octets that the whole may have. */
  readonly maxLength: number;
  /** Blocks that it may come in, empty ones included. */
  readonly maxBlocks: number;
}

/** Blocks of one transfer: enough for 1 MB in frames of 128 octets. */
export const DEFAULT_MAX_BLOCKS = 10_000;

/** The error for more blocks than a transfer may have. */
export function tooManyBlocks(limit: number): DlmsError {
  return new DlmsError("remote/too-many", `a long transfer of more than ${limit} blocks`, { limit });
}

/** Holds the blocks of a long transfer to their order and its limits; they are numbered from 1. */
export class BlockOrder {
  readonly #limits: BlockLimits;
  #next = 1;
  #octets = 0;

  constructor(limits: BlockLimits) {
    this.#limits = limits;
  }

  /** Number of the block that is due. */
  get nextNumber(): number {
    return this.#next;
  }

  /** Octets so far. */
  get octets(): number {
    return this.#octets;
  }

  /** @throws DlmsError `remote/unexpected-apdu` when it is not the block that is due, `remote/too-large`, `remote/too-many`. */
  add({ number, raw }: DataBlock): void {
    const { maxBlocks, maxLength } = this.#limits;
    if (number !== this.#next) {
      const context = { number, expected: this.#next };
      throw new DlmsError("remote/unexpected-apdu", `block ${number} where ${this.#next} is due`, context);
    }
    if (this.#next > maxBlocks) throw tooManyBlocks(maxBlocks);
    const length = this.#octets + raw.length;
    if (length > maxLength) {
      const text = `a long transfer of more than ${maxLength} octets`;
      throw new DlmsError("remote/too-large", text, { length, limit: maxLength });
    }
    this.#next++;
    this.#octets = length;
  }
}

/** Puts the raw data of a long transfer together. */
export class BlockAssembler {
  readonly #order: BlockOrder;
  readonly #whole: OctetJoiner;

  constructor(limits: BlockLimits) {
    this.#order = new BlockOrder(limits);
    this.#whole = new OctetJoiner(limits.maxLength, "a long transfer");
  }

  /** Number of the block that is due. */
  get nextNumber(): number {
    return this.#order.nextNumber;
  }

  /**
   * Adds a block; with the last one, returns the whole.
   * @throws DlmsError as `BlockOrder.add`
   */
  add(block: DataBlock): Uint8Array | undefined {
    this.#order.add(block);
    this.#whole.append(block.raw);
    return block.last ? this.#whole.take() : undefined;
  }
}

/** Cuts the raw data of a long transfer into blocks. */
export class BlockSplitter {
  readonly #raw: Uint8Array;
  #at = 0;
  #number = 0;

  constructor(raw: Uint8Array) {
    this.#raw = raw;
  }

  /** Number of the block that was made last, 0 before the first. */
  get number(): number {
    return this.#number;
  }

  get isFinished(): boolean {
    return this.#number > 0 && this.#at === this.#raw.length;
  }

  /**
   * The next block, in an APDU of `maxApduLength` octets at most.
   * @param encode makes the APDU around a block
   * @throws DlmsError `local/invalid-value` when not one octet of data has room.
   */
  next(maxApduLength: number, encode: (block: DataBlock) => Uint8Array): Uint8Array {
    const number = this.#number + 1;
    const empty = encode({ last: false, number, raw: new Uint8Array(0) });
    const capacity = octetStringCapacity(maxApduLength - empty.length);
    if (capacity < 1) {
      throw new DlmsError("local/invalid-value", `an APDU of ${maxApduLength} octets has no room for a block`, {
        limit: maxApduLength,
      });
    }
    const end = Math.min(this.#at + capacity, this.#raw.length);
    const raw = this.#raw.subarray(this.#at, end);
    this.#number = number;
    this.#at = end;
    return encode({ last: end === this.#raw.length, number, raw });
  }
}

/** How long an octet-string may become in `room` octets besides the first octet of its length. */
function octetStringCapacity(room: number): number {
  if (room <= 0x7f) return room;
  if (room <= 0xff + 1) return room - 1;
  if (room <= 0xffff + 2) return room - 2;
  return room - 4;
}
