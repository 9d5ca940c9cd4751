import type { GeneralBlockApdu } from "./apdu.ts";
import { type BlockLimits, tooManyBlocks } from "./blocks.ts";
import { DlmsError } from "./errors.ts";
import { OctetJoiner } from "./octet-joiner.ts";

/** Names of lost blocks in an error, at most. */
const MAX_NAMED = 20;

/**
 * Puts one stream of general blocks together. Blocks are numbered from 1; number 1 begins anew. A block that comes
 * before its turn is kept, so that what was lost is all that has to be sent again.
 */
export class GeneralBlockReceiver {
  readonly #limits: BlockLimits;
  readonly #whole: OctetJoiner;
  /** Blocks after a gap, by number. */
  readonly #early = new Map<number, Uint8Array>();
  #earlyLength = 0;
  #next = 1;
  #last: number | undefined;
  /** Blocks since the last whole APDU, those that were there before included. */
  #received = 0;

  constructor(limits: BlockLimits) {
    this.#limits = limits;
    this.#whole = new OctetJoiner(limits.maxLength, "a long transfer");
  }

  /** Number of the last block before which none is missing, 0 when there is none. */
  get acknowledged(): number {
    return this.#next - 1;
  }

  /** Whether an APDU has begun. */
  get isReceiving(): boolean {
    return this.#whole.length > 0 || this.#early.size > 0;
  }

  /**
   * @param isUseful whether the block has been of use already, as an acknowledgement
   * @returns the APDU when it is whole
   * @throws DlmsError `remote/too-many`, `remote/too-large`; what came is forgotten then
   */
  add(block: GeneralBlockApdu, isUseful = false): Uint8Array | undefined {
    try {
      return this.#add(block, isUseful);
    } catch (error) {
      this.reset();
      throw error;
    }
  }

  #add({ number, last, raw }: GeneralBlockApdu, isUseful: boolean): Uint8Array | undefined {
    if (!isUseful && ++this.#received > this.#limits.maxBlocks) throw tooManyBlocks(this.#limits.maxBlocks);
    if (number === 1) this.#restart();
    // One that only acknowledges counts when it is in turn, and says nothing of what is missing when it is not.
    if (raw.length === 0 && number !== this.#next) return undefined;
    if (last && raw.length > 0) this.#last = number;
    if (number === this.#next) this.#take(raw);
    else if (number > this.#next && !this.#early.has(number)) this.#keep(number, raw);
    if (this.#last !== this.#next - 1) return undefined;
    // The number stays: the peer is told with the answer that all has come.
    this.#last = undefined;
    this.#received = 0;
    return this.#whole.take();
  }

  /** The error that names the blocks that are missing; undefined when none is, as far as is known. */
  lost(): DlmsError | undefined {
    const highest = Math.max(this.#last ?? 0, ...this.#early.keys());
    const lost: number[] = [];
    for (let number = this.#next; number <= highest && lost.length < MAX_NAMED; number++) {
      if (!this.#early.has(number)) lost.push(number);
    }
    if (lost.length === 0) return undefined;
    return new DlmsError("remote/blocks-lost", `of a transfer in blocks these are missing: ${lost.join(", ")}`, {
      lost,
    });
  }

  /** Forgets what has come. */
  reset(): void {
    this.#restart();
    this.#received = 0;
  }

  #take(raw: Uint8Array): void {
    let part: Uint8Array | undefined = raw;
    while (part) {
      this.#whole.append(part);
      this.#next++;
      part = this.#early.get(this.#next);
      if (part) this.#forget(this.#next, part);
    }
  }

  #keep(number: number, raw: Uint8Array): void {
    this.#earlyLength += raw.length;
    const limit = this.#limits.maxLength;
    if (this.#whole.length + this.#earlyLength > limit) {
      throw new DlmsError("remote/too-large", `a long transfer of more than ${limit} octets`, { limit });
    }
    this.#early.set(number, raw.slice());
  }

  #forget(number: number, raw: Uint8Array): void {
    this.#early.delete(number);
    this.#earlyLength -= raw.length;
  }

  #restart(): void {
    this.#whole.clear();
    this.#early.clear();
    this.#earlyLength = 0;
    this.#next = 1;
    this.#last = undefined;
  }
}
