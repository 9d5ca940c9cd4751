import type {
  ActionResponse,
  AttributeReference,
  ConformanceBit,
  DataAccessResult,
  GetResult,
  MethodReference,
} from "../../dlms/apdu.ts";
import type { ServerCiphering } from "../../dlms/server-options.ts";
import type { Meter } from "./meter.ts";

/** One APDU that came from a client. */
export interface ReceivedApdu {
  readonly meter: Meter;
  /** wPort of the client: 16 public, 1 management. */
  readonly client: number;
  /** The APDU as it came. */
  readonly request: Uint8Array;
  /** How many APDUs have come on this connection, this one included. */
  readonly number: number;
}

/** How image transfer goes. */
export interface ImageSettings {
  /** Probability that a block is lost although its transfer was acknowledged, 0 … 1. */
  readonly blockLoss: number;
  /** How long verifying takes; meanwhile the method answers temporary-failure. */
  readonly verificationMs: number;
  /** How long activating takes; meanwhile the method answers temporary-failure. 0 answers success at once. */
  readonly activationMs: number;
}

/** What is done with an APDU, or with the answer to it, in place of the usual. */
export type Instead = "ignore" | "cut" | { readonly answer: Uint8Array };

/**
 * A way in which a meter differs from the usual. All parts are optional; where several behaviours have a say, the one
 * that was added last wins, except that every one of them may change what was read, and an answer.
 */
export interface Behaviour {
  /** As in the catalogue. */
  readonly name: string;
  /** Milliseconds to wait before a new connection is served, or `cut` to hang up. `others`: connections that are open. */
  readonly accept?: (others: number, meter: Meter) => number | "cut" | undefined;
  /** A connection ended without release. */
  readonly dropped?: (meter: Meter) => void;
  /** Before anything is done with an APDU. */
  readonly request?: (exchange: ReceivedApdu) => Instead | undefined;
  /** In place of what the meter would answer; nothing is read or changed then. */
  readonly get?: (reference: AttributeReference, meter: Meter) => GetResult | undefined;
  /** What is told of an attribute in place of what was read, or answered instead of it. */
  readonly read?: (result: GetResult, reference: AttributeReference, meter: Meter) => GetResult;
  readonly set?: (reference: AttributeReference, meter: Meter) => Exclude<DataAccessResult, "success"> | undefined;
  readonly invoke?: (reference: MethodReference, meter: Meter) => ActionResponse | undefined;
  /** After the effect, before the answer is ciphered. */
  readonly plain?: (answer: Uint8Array, exchange: ReceivedApdu) => Uint8Array | undefined;
  /** After the effect and ciphering, before the answer goes out. */
  readonly answer?: (answer: Uint8Array, exchange: ReceivedApdu) => Instead | undefined;
  /** APDUs that go out, as they are, in front of the answer. */
  readonly unasked?: (exchange: ReceivedApdu) => readonly Uint8Array[] | undefined;
  /** Milliseconds by which the answer is late. */
  readonly delayMs?: (exchange: ReceivedApdu) => number | undefined;
  /** After the answer went out. */
  readonly answered?: (exchange: ReceivedApdu) => "cut" | undefined;
  /** Octets that go to the transport at once. */
  readonly pieceLength?: number;
  /** Largest APDU that the meter takes and sends. */
  readonly maxPduSize?: number;
  /** The services that are granted, of those that a client proposes. */
  readonly conformance?: readonly ConformanceBit[];
  /** Which counters of a client are taken: only ever higher ones, higher ones within an association. */
  readonly replayCheck?: "ever" | "association";
  /** What an APDU whose counter is too low is answered with. */
  readonly replayAnswer?: ServerCiphering["replayAnswer"];
  /** Whether the meter's own counter begins at 0 with each association. */
  readonly restartsCounter?: boolean;
  /** The meter's own counter, in place of the next one. */
  readonly counter?: number;
  readonly image?: Partial<ImageSettings>;
}

/** The behaviours of one meter, in the order in which they were added. */
export class BehaviourStack {
  #behaviours: readonly Behaviour[] = [];

  add(...behaviours: readonly Behaviour[]): void {
    this.#behaviours = [...this.#behaviours, ...behaviours];
  }

  remove(behaviour: Behaviour): void {
    this.#behaviours = this.#behaviours.filter((other) => other !== behaviour);
  }

  clear(): void {
    this.#behaviours = [];
  }

  /** Names, newest last. */
  names(): string[] {
    return this.#behaviours.map(({ name }) => name);
  }

  each(visit: (behaviour: Behaviour) => void): void {
    for (const behaviour of this.#behaviours) visit(behaviour);
  }

  /** What the newest behaviour says that has something to say. */
  first<T>(say: (behaviour: Behaviour) => T | undefined): T | undefined {
    for (let i = this.#behaviours.length - 1; i >= 0; i--) {
      const said = say(this.#behaviours[i]!);
      if (said !== undefined) return said;
    }
    return undefined;
  }

  get isEmpty(): boolean {
    return this.#behaviours.length === 0;
  }

  /** Has every behaviour change what was read, the oldest first. */
  changeRead(result: GetResult, reference: AttributeReference, meter: Meter): GetResult {
    return this.#behaviours.reduce((told, behaviour) => behaviour.read?.(told, reference, meter) ?? told, result);
  }

  /** Has every behaviour change an answer that is not ciphered yet, the oldest first. */
  changePlain(answer: Uint8Array, exchange: ReceivedApdu): Uint8Array {
    return this.#behaviours.reduce((octets, behaviour) => behaviour.plain?.(octets, exchange) ?? octets, answer);
  }

  /** Has every behaviour change an answer, the oldest first, until one of them drops it. */
  changeAnswer(answer: Uint8Array, exchange: ReceivedApdu): Instead {
    let octets = answer;
    for (const behaviour of this.#behaviours) {
      const instead = behaviour.answer?.(octets, exchange);
      if (instead === undefined) continue;
      if (typeof instead === "string") return instead;
      octets = instead.answer;
    }
    return { answer: octets };
  }
}
