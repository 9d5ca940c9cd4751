import type { GeneralBlockApdu } from "./apdu.ts";
import { encodeApdu } from "./apdu-codec.ts";
import type { BlockLimits } from "./blocks.ts";
import { DlmsError, invalidValue } from "./errors.ts";
import { MAX_GENERAL_BLOCK_WINDOW } from "./general-block-codec.ts";
import { GeneralBlockReceiver } from "./general-block-receiver.ts";

/** Blocks in a row. */
export const DEFAULT_GENERAL_BLOCK_WINDOW = 10;
/** Octets of a block without its data and the length of them. */
const HEADER_LENGTH = 6;
const LARGEST_NUMBER = 0xffff;
/** Times that the peer may give the turn back without anything new: a meter that loses every block would go on. */
const MAX_FRUITLESS_TURNS = 5;
const EMPTY: Uint8Array = new Uint8Array(0);

/** Which end of an association: a client says with each acknowledgement that it has nothing more to send. */
export type BlockSide = "client" | "server";

export interface GeneralBlockOptions {
  readonly side: BlockSide;
  /** Of what is received. */
  readonly limits: BlockLimits;
  /** Blocks that the peer may send without an acknowledgement, 1 … 63. */
  readonly window: number;
}

/** What comes of a block: APDUs for the peer, and the APDU that is whole with it. */
export interface GeneralBlockStep {
  readonly send: readonly Uint8Array[];
  readonly apdu?: Uint8Array | undefined;
}

/** An APDU on its way out. */
interface Outgoing {
  readonly apdu: Uint8Array;
  /** Octets in each block but the last. */
  readonly capacity: number;
  /** Numbers of the block before the first and of the last. */
  readonly base: number;
  readonly last: number;
  /** Number of the last block that the peer has. */
  acknowledged: number;
  /** Highest number that was sent. */
  sent: number;
}

/**
 * General-Block-Transfer on one side of an association, in both directions (IEC 62056-5-3). Any APDU, ciphered as it
 * is, travels in blocks that are not ciphered themselves. A block that is not streaming hands the turn over: the peer
 * acknowledges, or goes on with its own blocks. What was not acknowledged is sent again from the first block that is
 * missing. A stream with window 0 asks for no acknowledgement; pushes come so.
 */
export class GeneralBlockTransfer {
  readonly #options: GeneralBlockOptions;
  readonly #confirmed: GeneralBlockReceiver;
  readonly #unconfirmed: GeneralBlockReceiver;
  #outgoing: Outgoing | undefined;
  /** Number of the last block that was made here, whether it held data or only acknowledged. */
  #number = 0;
  #fruitless = 0;

  constructor(options: GeneralBlockOptions) {
    this.#options = options;
    this.#confirmed = new GeneralBlockReceiver(options.limits);
    this.#unconfirmed = new GeneralBlockReceiver(options.limits);
  }

  /**
   * Begins to send an APDU: with its first block, as the peer's window is not known yet. Numbers go on from those of the
   * acknowledgements that this side has sent in the same exchange.
   * @throws DlmsError `local/invalid-value` when it does not fit 65535 blocks.
   */
  start(apdu: Uint8Array, maxApduLength: number): Uint8Array[] {
    const { capacity, count } = division(apdu, maxApduLength);
    const base = this.#number;
    this.#outgoing = { apdu, capacity, base, last: base + count, acknowledged: base, sent: base };
    return this.#sendWindow(1);
  }

  /** Begins with a new exchange: what is under way is given up, except for pushes. */
  reset(): void {
    this.#outgoing = undefined;
    this.#confirmed.reset();
    this.#number = 0;
    this.#fruitless = 0;
  }

  /**
   * @throws DlmsError `remote/blocks-lost` with the numbers of those that are missing, `remote/too-many`,
   * `remote/too-large`, `remote/unexpected-apdu` when a block is acknowledged that was never sent.
   */
  receive(block: GeneralBlockApdu): GeneralBlockStep {
    const isUnconfirmed = isUnconfirmedBlock(block);
    // A client's new request; its acknowledgements have no data.
    if (this.#options.side === "server" && block.number === 1 && block.raw.length > 0) this.reset();
    const receiver = isUnconfirmed ? this.#unconfirmed : this.#confirmed;
    const before = receiver.acknowledged;
    const isNews = this.#acknowledge(block.acknowledged);
    const apdu = receiver.add(block, isNews);
    if (apdu) {
      if (!isUnconfirmed) this.#outgoing = undefined;
      this.#fruitless = 0;
      return { send: [], apdu };
    }
    if (block.streaming || (isUnconfirmed && block.last)) {
      const lost = block.last ? receiver.lost() : undefined;
      if (!lost) return { send: [] };
      receiver.reset();
      throw lost;
    }
    const isProgress = isNews || receiver.acknowledged > before;
    if (this.#outgoing && this.#outgoing.acknowledged < this.#outgoing.last) {
      this.#countFruitless(isProgress, receiver);
      return { send: this.#sendWindow(Math.max(block.window, 1)) };
    }
    if (!receiver.isReceiving) return { send: [] };
    this.#countFruitless(isProgress, receiver);
    return { send: [this.#acknowledgement(receiver)] };
  }

  /** @returns whether the peer has more blocks than before */
  #acknowledge(number: number): boolean {
    const outgoing = this.#outgoing;
    if (!outgoing || number <= outgoing.acknowledged) return false;
    if (number > this.#number) {
      const message = `block ${number} is acknowledged, which was not sent`;
      throw new DlmsError("remote/unexpected-apdu", message, { number, sent: this.#number });
    }
    outgoing.acknowledged = Math.min(number, outgoing.last);
    return true;
  }

  #countFruitless(isProgress: boolean, receiver: GeneralBlockReceiver): void {
    this.#fruitless = isProgress ? 0 : this.#fruitless + 1;
    if (this.#fruitless <= MAX_FRUITLESS_TURNS) return;
    const outgoing = this.#outgoing;
    const lost = outgoing ? { lost: [outgoing.acknowledged + 1] } : {};
    throw (
      receiver.lost() ??
      new DlmsError("remote/blocks-lost", "the peer neither takes nor sends a block that would be new", lost)
    );
  }

  #sendWindow(window: number): Uint8Array[] {
    const outgoing = this.#outgoing!;
    const { apdu, capacity, base, last, acknowledged } = outgoing;
    const end = Math.min(acknowledged + window, last);
    const blocks: Uint8Array[] = [];
    for (let number = acknowledged + 1; number <= end; number++) {
      const raw = apdu.subarray((number - base - 1) * capacity, (number - base) * capacity);
      blocks.push(this.#block({ last: number === last, streaming: number < end, number, raw }));
    }
    outgoing.sent = Math.max(outgoing.sent, end);
    this.#number = outgoing.sent;
    return blocks;
  }

  #acknowledgement(receiver: GeneralBlockReceiver): Uint8Array {
    this.#number = (this.#number % LARGEST_NUMBER) + 1;
    const last = this.#options.side === "client";
    return this.#block({ last, streaming: false, number: this.#number, raw: EMPTY }, receiver);
  }

  #block(
    fields: Pick<GeneralBlockApdu, "last" | "streaming" | "number" | "raw">,
    receiver = this.#confirmed,
  ): Uint8Array {
    const { window } = this.#options;
    return encodeApdu({ type: "general-block", window, acknowledged: receiver.acknowledged, ...fields });
  }
}

/** A stream that asks for no acknowledgement, such as a push. */
export function isUnconfirmedBlock(block: GeneralBlockApdu): boolean {
  return block.window === 0;
}

/** @throws DlmsError `local/invalid-value` */
export function checkWindow(window: number): void {
  if (Number.isInteger(window) && window >= 1 && window <= MAX_GENERAL_BLOCK_WINDOW) return;
  throw invalidValue(`a window is 1 … ${MAX_GENERAL_BLOCK_WINDOW} blocks, not ${window}`);
}

/**
 * Cuts an APDU into blocks that ask for no acknowledgement, as pushes go.
 * @param maxApduLength octets of the longest block that the receiver takes
 * @throws DlmsError `local/invalid-value` when it does not fit 65535 blocks.
 */
export function encodeUnconfirmedBlocks(apdu: Uint8Array, maxApduLength: number): Uint8Array[] {
  const { capacity, count } = division(apdu, maxApduLength);
  return Array.from({ length: count }, (_, i) => {
    const raw = apdu.subarray(i * capacity, (i + 1) * capacity);
    const fields = { last: i + 1 === count, streaming: true, window: 0, number: i + 1, acknowledged: 0, raw };
    return encodeApdu({ type: "general-block", ...fields });
  });
}

function division(apdu: Uint8Array, maxApduLength: number): { capacity: number; count: number } {
  const room = maxApduLength - HEADER_LENGTH;
  const capacity = room <= 0x80 ? room - 1 : room <= 0xff + 2 ? room - 2 : room - 3;
  const count = Math.ceil(apdu.length / capacity);
  if (capacity >= 1 && count <= LARGEST_NUMBER) return { capacity, count };
  throw invalidValue(`${apdu.length} octets do not go in blocks of ${maxApduLength}`);
}
