import { DlmsError } from "./errors.ts";
import type { HdlcControl, HdlcFrame } from "./hdlc-frame.ts";
import { OctetJoiner } from "./octet-joiner.ts";

/** Which end of the link: only a client connects (IEC 62056-46, normal response mode). */
export type HdlcRole = "client" | "server";

/** Where an exchange puts what it makes. */
export interface HdlcExchangeOutput {
  transmit(control: HdlcControl, segmented: boolean, information: Uint8Array): void;
  /** A whole message, LLC header included. */
  deliver(message: Uint8Array): void;
}

/** What was agreed on for a link. */
export interface HdlcExchangeOptions {
  readonly role: HdlcRole;
  /** Octets of information that a frame to the peer may hold. */
  readonly maxInformationTransmit: number;
  /** Octets of a reassembled message. */
  readonly maxMessageLength: number;
}

interface Segment {
  readonly sendSequence: number;
  readonly segmented: boolean;
  readonly information: Uint8Array;
}

/** Replies without progress after which a client gives up: a meter that always says "again" would keep it for ever. */
const MAX_FRUITLESS_REPLIES = 5;

/**
 * The numbered frames of a link that is up, in normal response mode (IEC 62056-46, 6.4.4.5): the client has the turn
 * first, a frame with the poll/final bit hands it over. Sends one frame at a time and takes any number before the turn.
 */
export class HdlcExchange {
  readonly #options: HdlcExchangeOptions;
  readonly #output: HdlcExchangeOutput;
  readonly #incoming: OctetJoiner;
  readonly #queue: Uint8Array[] = [];
  /** What is left of the message that is being sent. */
  #rest: Uint8Array | undefined;
  /** Sent and not acknowledged. */
  #outstanding: Segment | undefined;
  /** V(S) and V(R): the numbers of the next frame that is sent and of the one that is expected. */
  #sendSequence = 0;
  #receiveSequence = 0;
  #hasTurn: boolean;
  /** Server: a whole message was delivered and nothing sent since, so the turn is kept for the answer. */
  #isAnswerDue = false;
  #fruitlessReplies = 0;

  constructor(options: HdlcExchangeOptions, output: HdlcExchangeOutput) {
    this.#options = options;
    this.#output = output;
    this.#incoming = new OctetJoiner(options.maxMessageLength, "an HDLC message");
    this.#hasTurn = options.role === "client";
  }

  /** Sends a message, at once or when it has the turn. */
  send(message: Uint8Array): void {
    this.#queue.push(message);
    this.#isAnswerDue = false;
    if (this.#hasTurn) this.#sendNext();
  }

  /** @throws DlmsError `remote/malformed` for an impossible N(R) or no progress, `remote/too-large` */
  receive(frame: HdlcFrame): void {
    const { control } = frame;
    if (!("receiveSequence" in control)) return;
    let isProgress = this.#acknowledge(control.receiveSequence);
    let isReplyDue = this.#options.role === "server" && !this.#isSending();
    if (control.type === "I") {
      const isExpected = control.sendSequence === this.#receiveSequence;
      if (isExpected) this.#take(frame);
      // Segments without octets could go on for ever.
      const isEmpty = frame.segmented && frame.information.length === 0;
      if (isExpected && isEmpty) this.#countFruitless();
      isProgress ||= isExpected && !isEmpty;
      isReplyDue = !isExpected || frame.segmented;
    }
    if (isProgress) this.#fruitlessReplies = 0;
    if (!control.pollFinal) return;
    this.#hasTurn = true;
    if (control.type === "RNR") this.#sendReceiveReady();
    else if (this.#outstanding !== undefined) this.#repeat(this.#outstanding);
    else if (isReplyDue && !this.#isAnswerDue) this.#sendReceiveReady(isProgress);
    else this.#sendNext();
  }

  #isSending(): boolean {
    return this.#outstanding !== undefined || this.#rest !== undefined || this.#queue.length > 0;
  }

  /** True when N(R) acknowledges the outstanding frame. With one frame on its way there are two numbers it can have. */
  #acknowledge(receiveSequence: number): boolean {
    if (receiveSequence === this.#sendSequence) {
      const isNews = this.#outstanding !== undefined;
      this.#outstanding = undefined;
      return isNews;
    }
    if (receiveSequence !== this.#outstanding?.sendSequence) {
      const context = { received: receiveSequence, expected: this.#sendSequence };
      throw new DlmsError("remote/malformed", `an HDLC frame with the impossible N(R) ${receiveSequence}`, context);
    }
    return false;
  }

  #take(frame: HdlcFrame): void {
    this.#receiveSequence = next(this.#receiveSequence);
    this.#incoming.append(frame.information);
    this.#isAnswerDue = this.#options.role === "server" && !frame.segmented;
    if (!frame.segmented) this.#output.deliver(this.#incoming.take());
  }

  #sendNext(): void {
    const message = this.#rest ?? this.#queue.shift();
    if (message === undefined) return;
    const max = this.#options.maxInformationTransmit;
    const segmented = message.length > max;
    this.#rest = segmented ? message.subarray(max) : undefined;
    this.#outstanding = { sendSequence: this.#sendSequence, segmented, information: message.subarray(0, max) };
    this.#sendSequence = next(this.#sendSequence);
    this.#transmit(this.#outstanding);
  }

  #repeat(segment: Segment): void {
    this.#countFruitless();
    this.#transmit(segment);
  }

  #transmit({ sendSequence, segmented, information }: Segment): void {
    const receiveSequence = this.#receiveSequence;
    this.#hasTurn = false;
    this.#output.transmit({ type: "I", sendSequence, receiveSequence, pollFinal: true }, segmented, information);
  }

  #sendReceiveReady(isProgress = false): void {
    if (!isProgress) this.#countFruitless();
    this.#hasTurn = false;
    const receiveSequence = this.#receiveSequence;
    this.#output.transmit({ type: "RR", receiveSequence, pollFinal: true }, false, new Uint8Array(0));
  }

  /** A server may be polled as often as the client likes. */
  #countFruitless(): void {
    this.#fruitlessReplies++;
    if (this.#options.role === "server" || this.#fruitlessReplies <= MAX_FRUITLESS_REPLIES) return;
    throw new DlmsError("remote/malformed", "the HDLC peer neither takes nor sends anything new");
  }
}

function next(sequence: number): number {
  return (sequence + 1) & 0b111;
}
