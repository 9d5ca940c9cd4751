import { concatBytes } from "../lib/bytes.ts";
import type { DataBlock } from "./apdu.ts";
import { DlmsError } from "./errors.ts";

/** Puts the raw data of a long transfer together; blocks are numbered from 1. */
export class BlockAssembler {
  readonly #limit: number;
  readonly #parts: Uint8Array[] = [];
  #length = 0;
  #next = 1;

  /** @param limit octets that the whole may have */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Number of the block that is due. */
  get nextNumber(): number {
    return this.#next;
  }

  /**
   * Adds a block; with the last one, returns the whole.
   * @throws DlmsError `remote/unexpected-apdu` when it is not the block that is due, `remote/too-large`.
   */
  add(block: DataBlock): Uint8Array | undefined {
    if (block.number !== this.#next) {
      const context = { number: block.number, expected: this.#next };
      throw new DlmsError("remote/unexpected-apdu", `block ${block.number} where ${this.#next} is due`, context);
    }
    // An empty block counts as one octet, so that there cannot be endlessly many.
    this.#length += Math.max(block.raw.length, 1);
    if (this.#length > this.#limit) {
      throw new DlmsError("remote/too-large", `a long transfer of more than ${this.#limit} octets`, {
        limit: this.#limit,
      });
    }
    this.#next++;
    this.#parts.push(block.raw);
    return block.last ? concatBytes(...this.#parts) : undefined;
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
