/** Ways in which a cloud or a gateway does not do as it should; each for as many exchanges as it says, then no more. */
export type Misbehaviour = (
  | /** The answer goes to the buffer, after so long, and the reply only says that it will take longer. */ {
      readonly kind: "late";
      readonly delayMs: number;
    }
  | /** The answer comes with the reply and is in the buffer as well. */ { readonly kind: "twice" }
  | /** The reply has the answer to somebody else's question; ours is in the buffer. */ { readonly kind: "for-another" }
  | /** The gateway says that it could not, in these words. */ { readonly kind: "refuse"; readonly text: string }
  | /** The cloud says that the gateway is not connected. */ { readonly kind: "offline" }
  | /** Nothing is done, and HTTP answers with this status. */ {
      readonly kind: "status";
      readonly status: number;
      readonly location?: string;
    }
  | /** All is done, and the connection is cut in place of an answer. */ { readonly kind: "cut-after" }
  | /** The connection is cut before anything is done. */ { readonly kind: "cut-before" }
  | /** The answer is no XML. */ { readonly kind: "garbage" }
  | /** The answer has this many octets. */ { readonly kind: "huge"; readonly octets: number }
  | /** There is no answer, and nothing is done. */ { readonly kind: "silent" }
  | /** All is done, and there is no answer. */ { readonly kind: "silent-after" }
) & {
  /** Exchanges that it is for; 1 when absent. */
  readonly times?: number;
  /** Only for exchanges whose request holds this text, or whose method and path do. */
  readonly on?: string;
  /** Such exchanges that go well before; 0 when absent. */
  readonly skip?: number;
};

/** What is still to go wrong. */
export class Misbehaviours {
  #list: { readonly what: Misbehaviour; left: number; skip: number }[] = [];

  add(...list: readonly Misbehaviour[]): void {
    this.#list.push(...list.map((what) => ({ what, left: what.times ?? 1, skip: what.skip ?? 0 })));
  }

  clear(): void {
    this.#list = [];
  }

  /** What goes wrong with an exchange, if something does. */
  next(exchange: string): Misbehaviour | undefined {
    const isMeant = ({ on }: Misbehaviour) => on === undefined || exchange.includes(on);
    for (const each of this.#list.filter(({ what, left }) => left > 0 && isMeant(what))) {
      if (each.skip > 0) {
        each.skip--;
        continue;
      }
      each.left--;
      return each.what;
    }
    return undefined;
  }
}
