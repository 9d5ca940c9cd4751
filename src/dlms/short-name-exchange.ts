import type { Apdu, DataAccessResult, GetResult, VariableAccess } from "./apdu.ts";
import { encodeApdu } from "./apdu-codec.ts";
import { readGetResult } from "./apdu-parts.ts";
import { BlockAssembler } from "./blocks.ts";
import {
  type ClientExchange,
  checkCount,
  checkRequest,
  decodeList,
  type ExchangeLimits,
  type ExchangeStep,
  noAnswer,
} from "./client-exchange.ts";
import { checkConformance } from "./conformance.ts";
import { DlmsError } from "./errors.ts";
import type { ServiceRequest } from "./services.ts";

/** The services of short-name referencing. */
export type ShortNameRequest = Extract<ServiceRequest, { type: "read" | "write" }>;

/**
 * Read and Write (Green Book, xDLMS services with short-name referencing). Long answers are asked for block by block;
 * requests have to fit one APDU.
 */
export class ShortNameExchange implements ClientExchange {
  readonly #request: ShortNameRequest;
  readonly #limits: ExchangeLimits;
  readonly #count: number;
  readonly #answer: BlockAssembler;

  constructor(request: ShortNameRequest, limits: ExchangeLimits) {
    this.#request = request;
    this.#limits = limits;
    this.#count = checkRequest(request.variables, request.type === "write" ? request.values : undefined);
    this.#answer = new BlockAssembler(limits.answer);
  }

  start(): Uint8Array {
    const request = this.#request;
    const { variables } = request;
    const whole: Apdu =
      request.type === "read"
        ? { type: "read-request", variables }
        : { type: "write-request", variables, values: request.values };
    checkConformance(whole, this.#limits.granted, "local");
    const apdu = encodeApdu(whole);
    if (apdu.length <= this.#limits.maxRequestLength) return apdu;
    const context = { length: apdu.length, limit: this.#limits.maxRequestLength };
    throw new DlmsError("local/invalid-value", `the server does not take a request of ${apdu.length} octets`, context);
  }

  next(answer: Apdu): ExchangeStep {
    if (this.#request.type === "read" && answer.type === "read-response") return this.#nextOfRead(answer);
    if (this.#request.type === "write" && answer.type === "write-response") {
      const results = answer.results.filter((result): result is DataAccessResult => typeof result === "string");
      checkCount(results, this.#count);
      return { response: { type: "write", results } };
    }
    throw noAnswer(answer);
  }

  #nextOfRead(answer: Extract<Apdu, { type: "read-response" }>): ExchangeStep {
    const [first] = answer.results;
    if (answer.results.length === 1 && first && "block" in first) {
      const raw = this.#answer.add(first.block);
      if (raw) return this.#read(decodeList(raw, readGetResult));
      const variables: VariableAccess[] = [{ blockNumber: first.block.number }];
      return { send: encodeApdu({ type: "read-request", variables }) };
    }
    return this.#read(answer.results.filter((result): result is GetResult => "data" in result || "error" in result));
  }

  #read(results: readonly GetResult[]): ExchangeStep {
    checkCount(results, this.#count);
    return { response: { type: "read", results } };
  }
}
