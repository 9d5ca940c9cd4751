import type { Apdu, AttributeReference, InvokeId } from "./apdu.ts";
import { encodeApdu } from "./apdu-codec.ts";
import { BlockOrder } from "./blocks.ts";
import { type ClientExchange, type ExchangeLimits, type ExchangeStep, LogicalNameExchange } from "./client-exchange.ts";

/** Takes the octets of a value in parts, in their order. They are views, valid as long as the receiver likes. */
export type Deliver = (octets: Uint8Array) => void;

/**
 * A GET of one attribute whose answer, if it comes in blocks, is handed over block by block and nowhere put together. An
 * answer that comes whole is one as of any GET. Nothing is handed over of a block that is not due or goes beyond the
 * limits; what was before it has been.
 */
export class DeliveredGet implements ClientExchange {
  readonly #invoke: InvokeId;
  readonly #whole: LogicalNameExchange;
  readonly #order: BlockOrder;
  readonly #deliver: Deliver;

  constructor(attribute: AttributeReference, invoke: InvokeId, limits: ExchangeLimits, deliver: Deliver) {
    this.#invoke = invoke;
    this.#whole = new LogicalNameExchange({ type: "get", attributes: [attribute] }, invoke, limits);
    this.#order = new BlockOrder(limits.answer);
    this.#deliver = deliver;
  }

  start(): Uint8Array {
    return this.#whole.start();
  }

  next(answer: Apdu): ExchangeStep {
    const isOurs = answer.type === "get-response-with-datablock" && answer.invoke.id === this.#invoke.id;
    if (!isOurs || !("raw" in answer.block)) return this.#whole.next(answer);
    const { block } = answer;
    this.#order.add(block);
    this.#deliver(block.raw);
    if (block.last) return { delivered: this.#order.octets };
    return { send: encodeApdu({ type: "get-request-next", invoke: this.#invoke, blockNumber: block.number }) };
  }
}
