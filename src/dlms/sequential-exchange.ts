import type { Apdu, GetResult } from "./apdu.ts";
import type { ClientExchange, ExchangeStep } from "./client-exchange.ts";

/** A request to read one element, and its first APDU. */
interface Single {
  readonly exchange: ClientExchange;
  readonly first: Uint8Array;
}

/** Reads the elements of a list one after the other, for a server that takes no lists; the results are as of a list. */
export class SequentialExchange implements ClientExchange {
  readonly #type: "get" | "read";
  readonly #singles: readonly Single[];
  readonly #results: GetResult[] = [];

  /** @throws DlmsError when one of the requests cannot be made: then none is sent. */
  constructor(type: "get" | "read", exchanges: readonly ClientExchange[]) {
    this.#type = type;
    this.#singles = exchanges.map((exchange) => ({ exchange, first: exchange.start() }));
  }

  start(): Uint8Array {
    return this.#singles[0]!.first;
  }

  next(answer: Apdu): ExchangeStep {
    const step = this.#singles[this.#results.length]!.exchange.next(answer);
    if (!("response" in step)) return step;
    const { response } = step;
    if (response.type === "get" || response.type === "read") this.#results.push(...response.results);
    const next = this.#singles[this.#results.length];
    return next ? { send: next.first } : { response: { type: this.#type, results: this.#results } };
  }
}
