import { writeOneResponse } from "./action-codec.ts";
import type {
  ActionResponse,
  Apdu,
  AttributeReference,
  ConformanceBit,
  DataAccessResult,
  DataBlock,
  InvokeId,
  MethodReference,
} from "./apdu.ts";
import { encodeApdu } from "./apdu-codec.ts";
import { readDataList, writeGetResult, writeList } from "./apdu-parts.ts";
import { BlockAssembler, type BlockLimits, BlockSplitter } from "./blocks.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { CosemData } from "./data.ts";
import { decodeData, encodeData } from "./data-codec.ts";
import { DlmsError } from "./errors.ts";
import type { NamedVariable, ServiceRequest, ServiceResponse } from "./services.ts";

/** What an APDU of the client comes to: an answer at once, or a request that is complete now. */
export type ServerStep = { readonly send: Uint8Array } | { readonly request: ServiceRequest };

type Request<Type extends Apdu["type"]> = Extract<Apdu, { type: Type }>;
type ResponseOf<Type extends ServiceResponse["type"]> = Extract<ServiceResponse, { type: Type }>;

/** What a long request refers to while its parameters arrive in blocks. */
type LongRequest = { readonly isList: boolean; readonly assembler: BlockAssembler } & (
  | { readonly type: "set"; readonly attributes: readonly AttributeReference[] }
  | { readonly type: "action"; readonly methods: readonly MethodReference[] }
);

/** How the answer to the request under way is to be put. */
interface Pending {
  readonly type: ServiceRequest["type"];
  readonly invoke: InvokeId;
  readonly isList: boolean;
  /** Number of the last block of a request that came in blocks. */
  readonly lastBlock?: number;
}

const SHORT_NAME_INVOKE: InvokeId = { id: 0, confirmed: true, highPriority: false };

/** The requests of one association, one after the other, with the block transfers of both directions. */
export class ServerExchange {
  readonly #limits: BlockLimits;
  readonly #granted: readonly ConformanceBit[];
  #incoming: LongRequest | undefined;
  #outgoing: { readonly type: "get" | "action" | "read"; readonly blocks: BlockSplitter } | undefined;
  #pending: Pending | undefined;

  /**
   * @param limits of parameters that come in blocks
   * @param granted what answers may make use of
   */
  constructor(limits: BlockLimits, granted: readonly ConformanceBit[]) {
    this.#limits = limits;
    this.#granted = granted;
  }

  /**
   * @param maxLength octets that a plain answer may have
   * @throws DlmsError `remote/unexpected-apdu` when the APDU is no request
   */
  receive(apdu: Apdu, maxLength: number): ServerStep {
    switch (apdu.type) {
      case "get-request-next":
        return { send: this.#nextGetBlock(apdu, maxLength) };
      case "action-request-next-pblock":
        return { send: this.#nextActionBlock(apdu, maxLength) };
      case "set-request-with-datablock":
        return this.#continueSet(apdu);
      case "action-request-with-pblock":
        return this.#continueAction(apdu);
      case "read-request":
        return this.#read(apdu, maxLength);
      default:
        // A new request gives an unfinished transfer up.
        this.#incoming = undefined;
        this.#outgoing = undefined;
        return this.#begin(apdu);
    }
  }

  /**
   * The answer to the request that `receive` gave out last.
   * @throws DlmsError `local/illegal-state` when there is none, or its type is another; `local/invalid-value`
   */
  respond(response: ServiceResponse, maxLength: number): Uint8Array {
    const pending = this.#pending;
    if (pending?.type !== response.type) {
      throw new DlmsError("local/illegal-state", `no ${response.type} request waits for a response`);
    }
    const whole = encodeApdu(wholeResponse(response, pending));
    this.#pending = undefined;
    if (whole.length <= maxLength || response.type === "set" || response.type === "write") return whole;
    const raw = rawResults(response, pending.isList);
    if (!raw) return whole;
    const bit = response.type === "action" ? "block-transfer-with-action" : "block-transfer-with-get-or-read";
    if (!this.#granted.includes(bit)) return encodeApdu(wholeResponse(unavailable(response), pending));
    this.#outgoing = { type: response.type, blocks: new BlockSplitter(raw) };
    return this.#nextBlock(pending.invoke, maxLength);
  }

  #begin(apdu: Apdu): ServerStep {
    switch (apdu.type) {
      case "get-request-normal":
        return this.#request({ type: "get", attributes: [apdu.attribute] }, apdu.invoke, false);
      case "get-request-with-list":
        return this.#request({ type: "get", attributes: apdu.attributes }, apdu.invoke, true);
      case "set-request-normal": {
        const { attribute, value, invoke } = apdu;
        return this.#request({ type: "set", attributes: [attribute], values: [value] }, invoke, false);
      }
      case "set-request-with-list": {
        const { attributes, values, invoke } = apdu;
        return this.#request({ type: "set", attributes, values }, invoke, true);
      }
      case "set-request-with-first-datablock":
        return this.#beginSet([apdu.attribute], false, apdu);
      case "set-request-with-list-and-first-datablock":
        return this.#beginSet(apdu.attributes, true, apdu);
      case "action-request-normal": {
        const { method, parameters, invoke } = apdu;
        return this.#request({ type: "action", methods: [method], parameters: [parameters] }, invoke, false);
      }
      case "action-request-with-list": {
        const { methods, parameters, invoke } = apdu;
        return this.#request({ type: "action", methods, parameters }, invoke, true);
      }
      case "action-request-with-first-pblock":
        return this.#beginAction([apdu.method], false, apdu);
      case "action-request-with-list-and-first-pblock":
        return this.#beginAction(apdu.methods, true, apdu);
      case "write-request": {
        const variables = namedVariables(apdu);
        return this.#request({ type: "write", variables, values: apdu.values }, SHORT_NAME_INVOKE, true);
      }
      default:
        throw new DlmsError("remote/unexpected-apdu", `${apdu.type} is no request`, { apdu: apdu.type });
    }
  }

  #request(request: ServiceRequest, invoke: InvokeId, isList: boolean, lastBlock?: number): ServerStep {
    const [elements, values] = elementsOf(request);
    if (elements.length === 0 || elements.length !== values.length) {
      throw new DlmsError("remote/malformed", `a request for ${elements.length} elements with ${values.length} values`);
    }
    this.#pending = { type: request.type, invoke, isList, ...(lastBlock !== undefined && { lastBlock }) };
    return { request };
  }

  #beginSet(
    attributes: readonly AttributeReference[],
    isList: boolean,
    apdu: { readonly invoke: InvokeId; readonly block: DataBlock },
  ): ServerStep {
    this.#incoming = { type: "set", attributes, isList, assembler: new BlockAssembler(this.#limits) };
    return this.#continueSet(apdu);
  }

  #continueSet({ invoke, block }: { readonly invoke: InvokeId; readonly block: DataBlock }): ServerStep {
    const long = this.#incoming;
    const blockNumber = block.number;
    const refuse = (result: DataAccessResult): ServerStep => {
      this.#incoming = undefined;
      return { send: encodeApdu({ type: "set-response-last-datablock", invoke, result, blockNumber }) };
    };
    if (long?.type !== "set") return refuse("no-long-set-in-progress");
    if (long.assembler.nextNumber !== blockNumber) return refuse("data-block-number-invalid");
    try {
      const raw = long.assembler.add(block);
      if (!raw) return { send: encodeApdu({ type: "set-response-datablock", invoke, blockNumber }) };
      this.#incoming = undefined;
      const values = long.isList ? readAll(raw, readDataList) : [decodeData(raw)];
      return this.#request({ type: "set", attributes: long.attributes, values }, invoke, long.isList, blockNumber);
    } catch (error) {
      if (!(error instanceof DlmsError)) throw error;
      return refuse("long-set-aborted");
    }
  }

  #beginAction(
    methods: readonly MethodReference[],
    isList: boolean,
    apdu: { readonly invoke: InvokeId; readonly block: DataBlock },
  ): ServerStep {
    this.#incoming = { type: "action", methods, isList, assembler: new BlockAssembler(this.#limits) };
    return this.#continueAction(apdu);
  }

  #continueAction({ invoke, block }: { readonly invoke: InvokeId; readonly block: DataBlock }): ServerStep {
    const long = this.#incoming;
    const refuse = (response: ActionResponse): ServerStep => {
      this.#incoming = undefined;
      return { send: encodeApdu({ type: "action-response-normal", invoke, response }) };
    };
    if (long?.type !== "action") return refuse({ result: "no-long-action-in-progress" });
    try {
      const raw = long.assembler.add(block);
      if (!raw) {
        return { send: encodeApdu({ type: "action-response-next-pblock", invoke, blockNumber: block.number }) };
      }
      this.#incoming = undefined;
      const parameters = long.isList ? readAll(raw, readDataList) : [decodeData(raw)];
      return this.#request({ type: "action", methods: long.methods, parameters }, invoke, long.isList);
    } catch (error) {
      if (!(error instanceof DlmsError)) throw error;
      return refuse({ result: "long-action-aborted" });
    }
  }

  #nextGetBlock({ invoke, blockNumber }: Request<"get-request-next">, maxLength: number): Uint8Array {
    const blocks = this.#acknowledged("get", blockNumber);
    if (typeof blocks !== "string") return this.#nextBlock(invoke, maxLength);
    const block = { last: true, number: blockNumber, error: blocks };
    return encodeApdu({ type: "get-response-with-datablock", invoke, block });
  }

  #nextActionBlock({ invoke, blockNumber }: Request<"action-request-next-pblock">, maxLength: number): Uint8Array {
    if (typeof this.#acknowledged("action", blockNumber) !== "string") return this.#nextBlock(invoke, maxLength);
    return encodeApdu({
      type: "action-response-normal",
      invoke,
      response: { result: "no-long-action-in-progress" },
    });
  }

  #read(apdu: Request<"read-request">, maxLength: number): ServerStep {
    const [first] = apdu.variables;
    if (first && "blockNumber" in first) {
      const blocks = this.#acknowledged("read", first.blockNumber);
      if (typeof blocks !== "string") return { send: this.#nextBlock(SHORT_NAME_INVOKE, maxLength) };
      return { send: encodeApdu({ type: "read-response", results: [{ error: blocks }] }) };
    }
    this.#outgoing = undefined;
    return this.#request({ type: "read", variables: namedVariables(apdu) }, SHORT_NAME_INVOKE, true);
  }

  /** The transfer under way if the client asks for what follows its last block, or else why it does not go on. */
  #acknowledged(
    type: "get" | "action" | "read",
    number: number,
  ): BlockSplitter | "no-long-get-in-progress" | "data-block-number-invalid" {
    const outgoing = this.#outgoing;
    if (outgoing?.type !== type || outgoing.blocks.isFinished) return "no-long-get-in-progress";
    if (outgoing.blocks.number === number) return outgoing.blocks;
    this.#outgoing = undefined;
    return "data-block-number-invalid";
  }

  #nextBlock(invoke: InvokeId, maxLength: number): Uint8Array {
    const { type, blocks } = this.#outgoing!;
    return blocks.next(maxLength, (block) =>
      encodeApdu(
        type === "get"
          ? { type: "get-response-with-datablock", invoke, block }
          : type === "action"
            ? { type: "action-response-with-pblock", invoke, block }
            : { type: "read-response", results: [{ block }] },
      ),
    );
  }
}

function elementsOf(request: ServiceRequest): [elements: readonly unknown[], values: readonly unknown[]] {
  switch (request.type) {
    case "get":
      return [request.attributes, request.attributes];
    case "set":
      return [request.attributes, request.values];
    case "action":
      return [request.methods, request.parameters];
    case "read":
      return [request.variables, request.variables];
    case "write":
      return [request.variables, request.values];
  }
}

function namedVariables(apdu: Request<"read-request" | "write-request">): NamedVariable[] {
  const named = apdu.variables.filter((variable): variable is NamedVariable => "shortName" in variable);
  if (named.length === apdu.variables.length) return named;
  throw new DlmsError("remote/unexpected-apdu", `${apdu.type} in blocks is not supported`, { apdu: apdu.type });
}

function wholeResponse(response: ServiceResponse, pending: Pending): Apdu {
  const { invoke, isList } = pending;
  switch (response.type) {
    case "get":
      return isList
        ? { type: "get-response-with-list", invoke, results: response.results }
        : { type: "get-response-normal", invoke, result: only(response.results) };
    case "set":
      return wholeSetResponse(response, pending);
    case "action":
      return isList
        ? { type: "action-response-with-list", invoke, responses: response.results }
        : { type: "action-response-normal", invoke, response: only(response.results) };
    case "read":
      return { type: "read-response", results: response.results };
    case "write":
      return { type: "write-response", results: response.results };
  }
}

function wholeSetResponse({ results }: ResponseOf<"set">, { invoke, isList, lastBlock: blockNumber }: Pending): Apdu {
  if (blockNumber === undefined) {
    return isList
      ? { type: "set-response-with-list", invoke, results }
      : { type: "set-response-normal", invoke, result: only(results) };
  }
  return isList
    ? { type: "set-response-last-datablock-with-list", invoke, results, blockNumber }
    : { type: "set-response-last-datablock", invoke, result: only(results), blockNumber };
}

function only<T>(results: readonly T[]): T {
  const [result] = results;
  if (result === undefined || results.length > 1) {
    throw new DlmsError("local/invalid-value", `${results.length} results for one element`);
  }
  return result;
}

/**
 * What goes into blocks: the value that a normal response returns, or the list of results. Undefined when there is
 * no value, so that the response must go as it is.
 */
function rawResults(response: ResponseOf<"get" | "action" | "read">, isList: boolean): Uint8Array | undefined {
  if (isList) {
    const writer = new ByteWriter(1024);
    if (response.type === "action") writeList(writer, response.results, writeOneResponse);
    else writeList(writer, response.results, writeGetResult);
    return writer.finish();
  }
  const value = response.type === "action" ? returnedValue(only(response.results)) : only(response.results);
  return value && "data" in value ? encodeData(value.data) : undefined;
}

/** Tells for each value that it does not fit one APDU, to a client that does not take blocks. */
function unavailable(response: ResponseOf<"get" | "action" | "read">): ServiceResponse {
  const error = { error: "data-block-unavailable" } as const;
  if (response.type !== "action") return { ...response, results: response.results.map(() => error) };
  return {
    type: "action",
    results: response.results.map(({ result, returned }) => ({ result, ...(returned && { returned: error }) })),
  };
}

function returnedValue(response: ActionResponse): { data: CosemData } | undefined {
  const { result, returned } = response;
  return result === "success" && returned && "data" in returned ? returned : undefined;
}

function readAll<T>(raw: Uint8Array, read: (reader: ByteReader) => T): T {
  const reader = new ByteReader(raw);
  const value = read(reader);
  reader.expectEnd("list");
  return value;
}
