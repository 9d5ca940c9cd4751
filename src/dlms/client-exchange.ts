import { readOneResponse } from "./action-codec.ts";
import type { ActionResponse, Apdu, ConformanceBit, DataAccessResult, DataBlock, GetResult, InvokeId } from "./apdu.ts";
import { encodeApdu } from "./apdu-codec.ts";
import { readGetResult, readList, writeDataList } from "./apdu-parts.ts";
import { BlockAssembler, type BlockLimits, BlockSplitter } from "./blocks.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { checkConformance } from "./conformance.ts";
import { cosem } from "./data.ts";
import { decodeData, encodeData } from "./data-codec.ts";
import { DlmsError } from "./errors.ts";
import type { ServiceRequest, ServiceResponse } from "./services.ts";

/** How long messages may be, and what they may use. */
export interface ExchangeLimits {
  /** What the server agreed to; undefined for the exchange that belongs to associating. */
  readonly granted: readonly ConformanceBit[] | undefined;
  /** Octets of the longest plain APDU that the server takes. */
  readonly maxRequestLength: number;
  /** Of an answer in blocks. */
  readonly answer: BlockLimits;
}

/** What to do after an answer: send on, or be done, with an answer or after its octets were handed over. */
export type ExchangeStep =
  | { readonly send: Uint8Array }
  | { readonly response: ServiceResponse }
  | { readonly delivered: number };

/** One request and its answer, over as many APDUs as they take. */
export interface ClientExchange {
  /**
   * The first APDU.
   * @throws DlmsError `local/invalid-value` when the request cannot be encoded, or is too long and cannot be cut,
   * `local/not-negotiated` when it needs what the server did not agree to.
   */
  start(): Uint8Array;
  /** @throws DlmsError `remote/*` when the APDU is no answer that can be used. */
  next(answer: Apdu): ExchangeStep;
}

/** The services of logical-name referencing. */
export type LogicalNameRequest = Extract<ServiceRequest, { type: "get" | "set" | "action" }>;

/** GET, SET and ACTION (Green Book, xDLMS services with logical-name referencing). */
export class LogicalNameExchange implements ClientExchange {
  readonly #request: LogicalNameRequest;
  readonly #invoke: InvokeId;
  readonly #limits: ExchangeLimits;
  readonly #count: number;
  /** Of an answer that comes in blocks. */
  #answer: BlockAssembler | undefined;
  #blocks: BlockSplitter | undefined;

  constructor(request: LogicalNameRequest, invoke: InvokeId, limits: ExchangeLimits) {
    this.#request = request;
    this.#invoke = invoke;
    this.#limits = limits;
    this.#count = countElements(request);
  }

  start(): Uint8Array {
    const request = this.#request;
    const apdu = wholeRequest(request, this.#invoke);
    checkConformance(apdu, this.#limits.granted, "local");
    const whole = encodeApdu(apdu);
    if (whole.length <= this.#limits.maxRequestLength) return whole;
    const raw = rawParameters(request);
    if (!raw) {
      const context = { length: whole.length, limit: this.#limits.maxRequestLength };
      throw new DlmsError(
        "local/invalid-value",
        `the server does not take a request of ${whole.length} octets`,
        context,
      );
    }
    this.#blocks = new BlockSplitter(raw);
    return this.#nextBlock((block) => {
      const first = firstBlockRequest(request, this.#invoke, block);
      checkConformance(first, this.#limits.granted, "local");
      return first;
    });
  }

  next(answer: Apdu): ExchangeStep {
    if ("invoke" in answer && answer.invoke.id !== this.#invoke.id) {
      const context = { expected: this.#invoke.id, received: answer.invoke.id };
      throw new DlmsError("remote/unexpected-apdu", `an answer to invoke-id ${answer.invoke.id}`, context);
    }
    switch (this.#request.type) {
      case "get":
        return this.#nextOfGet(answer);
      case "set":
        return this.#nextOfSet(answer);
      case "action":
        return this.#nextOfAction(answer);
    }
  }

  #nextOfGet(answer: Apdu): ExchangeStep {
    const invoke = this.#invoke;
    switch (answer.type) {
      case "get-response-normal":
        return "error" in answer.result ? this.#failedGet(answer.result) : this.#gotten([answer.result]);
      case "get-response-with-list":
        return this.#gotten(answer.results);
      case "get-response-with-datablock": {
        const { block } = answer;
        if ("error" in block) return this.#failedGet({ error: block.error });
        const raw = this.#assemble(block);
        if (!raw) return { send: encodeApdu({ type: "get-request-next", invoke, blockNumber: block.number }) };
        return this.#gotten(this.#count === 1 ? [{ data: decodeData(raw) }] : decodeList(raw, readGetResult));
      }
      default:
        throw noAnswer(answer);
    }
  }

  #nextOfSet(answer: Apdu): ExchangeStep {
    const invoke = this.#invoke;
    switch (answer.type) {
      case "set-response-normal":
      case "set-response-last-datablock":
        // A server that gives a long request up has one result for all of it.
        return this.#set(new Array<DataAccessResult>(this.#count).fill(answer.result));
      case "set-response-with-list":
      case "set-response-last-datablock-with-list":
        return this.#set(answer.results);
      case "set-response-datablock":
        this.#checkAcknowledged(answer.blockNumber);
        return { send: this.#nextBlock((block) => ({ type: "set-request-with-datablock", invoke, block })) };
      default:
        throw noAnswer(answer);
    }
  }

  #nextOfAction(answer: Apdu): ExchangeStep {
    const invoke = this.#invoke;
    switch (answer.type) {
      case "action-response-normal":
        return this.#acted([answer.response]);
      case "action-response-with-list":
        return this.#acted(answer.responses);
      case "action-response-with-pblock": {
        const raw = this.#assemble(answer.block);
        if (raw) return this.#acted(this.#count === 1 ? [decodeReturned(raw)] : decodeList(raw, readOneResponse));
        const blockNumber = answer.block.number;
        return { send: encodeApdu({ type: "action-request-next-pblock", invoke, blockNumber }) };
      }
      case "action-response-next-pblock":
        this.#checkAcknowledged(answer.blockNumber);
        return { send: this.#nextBlock((block) => ({ type: "action-request-with-pblock", invoke, block })) };
      default:
        throw noAnswer(answer);
    }
  }

  #nextBlock(around: (block: DataBlock) => Apdu): Uint8Array {
    return this.#blocks!.next(this.#limits.maxRequestLength, (block) => encodeApdu(around(block)));
  }

  #assemble(block: DataBlock): Uint8Array | undefined {
    this.#answer ??= new BlockAssembler(this.#limits.answer);
    return this.#answer.add(block);
  }

  #checkAcknowledged(number: number): void {
    if (this.#blocks && !this.#blocks.isFinished && this.#blocks.number === number) return;
    throw new DlmsError("remote/unexpected-apdu", `block ${number} is acknowledged, which was not sent last`, {
      number,
    });
  }

  /** One error may stand for the whole list. */
  #failedGet(error: GetResult): ExchangeStep {
    return this.#gotten(new Array<GetResult>(this.#count).fill(error));
  }

  #gotten(results: readonly GetResult[]): ExchangeStep {
    this.#checkCount(results);
    return { response: { type: "get", results } };
  }

  #set(results: readonly DataAccessResult[]): ExchangeStep {
    this.#checkCount(results);
    return { response: { type: "set", results } };
  }

  #acted(results: readonly ActionResponse[]): ExchangeStep {
    this.#checkCount(results);
    return { response: { type: "action", results } };
  }

  #checkCount(results: readonly unknown[]): void {
    checkCount(results, this.#count);
  }
}

/** @throws DlmsError `remote/malformed` when there are not just as many results as elements in the request. */
export function checkCount(results: readonly unknown[], expected: number): void {
  if (results.length === expected) return;
  throw new DlmsError("remote/malformed", `${results.length} results where ${expected} belong`, {
    received: results.length,
    expected,
  });
}

/** For an APDU that no step of the exchange expects. */
export function noAnswer(apdu: Apdu): DlmsError {
  return new DlmsError("remote/unexpected-apdu", `${apdu.type} does not answer the request`, { apdu: apdu.type });
}

/** @throws DlmsError `remote/malformed`, `remote/truncated` when the octets are not exactly one list. */
export function decodeList<T>(raw: Uint8Array, read: (reader: ByteReader) => T): T[] {
  const reader = new ByteReader(raw);
  const elements = readList(reader, read);
  reader.expectEnd("list");
  return elements;
}

/** @throws DlmsError `local/invalid-value` when there is no element, or not one value for each. */
export function checkRequest(elements: readonly unknown[], values: readonly unknown[] = elements): number {
  if (elements.length > 0 && elements.length === values.length) return elements.length;
  throw new DlmsError("local/invalid-value", `a request for ${elements.length} elements with ${values.length} values`);
}

function countElements(request: LogicalNameRequest): number {
  switch (request.type) {
    case "get":
      return checkRequest(request.attributes);
    case "set":
      return checkRequest(request.attributes, request.values);
    case "action":
      return checkRequest(request.methods, request.parameters);
  }
}

function wholeRequest(request: LogicalNameRequest, invoke: InvokeId): Apdu {
  switch (request.type) {
    case "get": {
      const { attributes } = request;
      const [attribute] = attributes;
      return attributes.length === 1
        ? { type: "get-request-normal", invoke, attribute: attribute! }
        : { type: "get-request-with-list", invoke, attributes };
    }
    case "set": {
      const { attributes, values } = request;
      return attributes.length === 1
        ? { type: "set-request-normal", invoke, attribute: attributes[0]!, value: values[0]! }
        : { type: "set-request-with-list", invoke, attributes, values };
    }
    case "action": {
      const { methods, parameters } = request;
      return methods.length === 1
        ? { type: "action-request-normal", invoke, method: methods[0]!, parameters: parameters[0] }
        : { type: "action-request-with-list", invoke, methods, parameters: parameters.map(orNull) };
    }
  }
}

function firstBlockRequest(request: LogicalNameRequest, invoke: InvokeId, block: DataBlock): Apdu {
  if (request.type === "action") {
    const { methods } = request;
    return methods.length === 1
      ? { type: "action-request-with-first-pblock", invoke, method: methods[0]!, block }
      : { type: "action-request-with-list-and-first-pblock", invoke, methods, block };
  }
  const { attributes } = request;
  return attributes.length === 1
    ? { type: "set-request-with-first-datablock", invoke, attribute: attributes[0]!, block }
    : { type: "set-request-with-list-and-first-datablock", invoke, attributes, block };
}

/** What goes into blocks: the only value, or the list of them. Undefined when the request has none. */
function rawParameters(request: LogicalNameRequest): Uint8Array | undefined {
  if (request.type === "get") return undefined;
  const values = request.type === "set" ? request.values : request.parameters;
  if (values.length === 1) return values[0] && encodeData(values[0]);
  const writer = new ByteWriter();
  writeDataList(writer, values.map(orNull));
  return writer.finish();
}

function orNull<T>(value: T | undefined): T | ReturnType<typeof cosem.nullData> {
  return value ?? cosem.nullData();
}

/**
 * The raw data of a method's answer in blocks. Servers differ in what they put there: the returned value alone, as
 * Get-Data-Result, or the whole response with its result. Only one of the three takes up all octets.
 */
function decodeReturned(raw: Uint8Array): ActionResponse {
  const forms: readonly ((reader: ByteReader) => ActionResponse)[] = [
    (reader) => ({ result: "success", returned: { data: decodeData(reader.octets(reader.remaining)) } }),
    (reader) => ({ result: "success", returned: readGetResult(reader) }),
    readOneResponse,
  ];
  let failure: unknown;
  for (const read of forms) {
    try {
      const reader = new ByteReader(raw);
      const response = read(reader);
      reader.expectEnd("returned value");
      return response;
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}
