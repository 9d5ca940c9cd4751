import {
  type ActionResponse,
  type AttributeReference,
  DATA_ACCESS_RESULTS,
  type DataAccessResult,
  type GetResult,
  type MethodReference,
} from "../../dlms/apdu.ts";
import { asElements, type CosemData } from "../../dlms/data.ts";
import type { Deliver } from "../../dlms/delivered-get.ts";
import type { CipherKeys } from "../../dlms/security.ts";
import type { ServiceRequest, ServiceResponse } from "../../dlms/services.ts";
import { MetergateError } from "../../domain/errors.ts";
import { type AssociatorParts, associate } from "./associate.ts";
import type { DlmsDevice } from "./device.ts";
import { toMetergateError } from "./failure.ts";
import type { MeterConnection } from "./meter-connection.ts";
import { RowStream } from "./readings/row-stream.ts";
import { readShortNames, type ShortNames } from "./short-names.ts";

/** An attribute and what it is to become. */
export interface AttributeWrite {
  readonly attribute: AttributeReference;
  readonly value: CosemData;
}

/**
 * The conversation with one meter during one run: associates when it is first needed, and ends with `close`. Once the
 * association is gone every call fails with the same error; nothing is sent again, because a command whose answer was
 * lost may have been carried out.
 */
export class MeterSession {
  readonly #parts: AssociatorParts;
  readonly #associate: () => Promise<MeterConnection>;
  #connection: MeterConnection | undefined;
  #shortNames: ShortNames | undefined;
  #failure: unknown;

  /** @param associated makes the association, if it takes more than the parts tell */
  constructor(parts: AssociatorParts, associated = () => associate(parts)) {
    this.#parts = parts;
    this.#associate = associated;
  }

  /** Why there is no association and will be none; undefined as long as there can be one. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Aborted when the run is over, and with it whatever waits for the meter. */
  get signal(): AbortSignal {
    return this.#parts.signal;
  }

  /**
   * Associates, unless that is done already.
   * @throws MetergateError that tells why there is no association.
   */
  async open(): Promise<void> {
    await this.#open();
  }

  /** Releases the association, if there is one. Never fails. */
  async close(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    await connection?.release();
  }

  /**
   * Reads one attribute.
   * @throws MetergateError ERROR_RETRIEVING_ATTRIBUTE_VALUE with the meter's result; those of `open` and DEVICE_REFUSED,
   * as all of the following.
   */
  async get(attribute: AttributeReference): Promise<CosemData> {
    return requireData(attribute, await this.tryGet(attribute));
  }

  /** Reads one attribute; a "no" of the meter is a result. */
  async tryGet(attribute: AttributeReference): Promise<GetResult> {
    return (await this.#getChunk([attribute]))[0]!;
  }

  /**
   * Reads the buffer of a profile, entry by entry: one that comes in blocks is never held as a whole.
   * @returns what the meter says instead of the buffer; undefined when all entries were given to `take`
   */
  async readEntries(attribute: AttributeReference, take: (entry: CosemData) => void): Promise<ReadError | undefined> {
    const stream = new RowStream();
    const takeAll = (entries: Iterable<CosemData>) => {
      for (const entry of entries) take(entry);
    };
    let failure: unknown;
    // A buffer that makes no sense is the end of this request only, so the rest of it is let pass.
    const response = await this.#getInParts(attribute, (octets) => {
      if (failure !== undefined) return;
      try {
        takeAll(stream.push(octets));
      } catch (error) {
        failure = error;
      }
    });
    if (failure !== undefined) throw failure;
    if (response === "delivered") takeAll(stream.finish());
    else if ("error" in response) return response.error;
    else if (response.data.type !== "null-data") takeAll(asElements(response.data, "buffer"));
    return undefined;
  }

  /** One attribute, in parts when it is long, and whole otherwise or by short name. */
  async #getInParts(attribute: AttributeReference, deliver: Deliver): Promise<GetResult | "delivered"> {
    if (this.#parts.device.dlms?.useSn) return this.tryGet(attribute);
    const response = await this.#talk((connection) => connection.getInParts(attribute, deliver));
    if (response === "delivered") return response;
    return (response as Extract<ServiceResponse, { readonly type: "get" }>).results[0]!;
  }

  /** Reads attributes, in lists as long as the meter takes; one result for each. */
  async getList(attributes: readonly AttributeReference[]): Promise<GetResult[]> {
    const results: GetResult[] = [];
    for (const chunk of chunks(attributes, await this.#listLength())) results.push(...(await this.#getFitting(chunk)));
    return results;
  }

  /**
   * As `getList`, when every attribute is needed.
   * @throws MetergateError ERROR_RETRIEVING_ATTRIBUTE_VALUE for the first that cannot be read.
   */
  async getAll(attributes: readonly AttributeReference[]): Promise<CosemData[]> {
    const results = await this.getList(attributes);
    return results.map((result, i) => requireData(attributes[i]!, result));
  }

  /** Writes one attribute. */
  async set(attribute: AttributeReference, value: CosemData): Promise<DataAccessResult> {
    return (await this.#setChunk([{ attribute, value }]))[0]!;
  }

  /** Writes attributes, in lists as long as the meter takes; one result for each. */
  async setList(writes: readonly AttributeWrite[]): Promise<DataAccessResult[]> {
    const results: DataAccessResult[] = [];
    for (const chunk of chunks(writes, await this.#listLength())) results.push(...(await this.#setChunk(chunk)));
    return results;
  }

  /** Calls a method. */
  async action(method: MethodReference, parameters?: CosemData): Promise<ActionResponse> {
    if (this.#parts.device.dlms?.useSn) {
      const text = `Methods of ${this.#parts.device.identification} cannot be called by short name`;
      throw new MetergateError("UNSUPPORTED_COMMUNICATION_SETTING", text);
    }
    const { results } = await this.#request({ type: "action", methods: [method], parameters: [parameters] });
    return results[0]!;
  }

  /** Goes on with other keys, which the meter has taken. Only in a ciphered association. */
  changeKeys(keys: CipherKeys): void {
    this.#connection?.changeKeys(keys);
  }

  /** The meter has a new encryption key, never used before: our counter begins anew at `value`. */
  async restartCounter(value: number): Promise<void> {
    await this.#connection?.restartCounter(value);
  }

  /** In halves when the meter's APDU is too small for the list: a request to read cannot be cut into blocks. */
  async #getFitting(attributes: readonly AttributeReference[]): Promise<readonly GetResult[]> {
    try {
      return await this.#getChunk(attributes);
    } catch (error) {
      const isTooLong = error instanceof MetergateError && error.context.dlmsCode === "local/invalid-value";
      if (!isTooLong || attributes.length === 1) throw error;
      const half = attributes.length >> 1;
      const first = await this.#getFitting(attributes.slice(0, half));
      return [...first, ...(await this.#getFitting(attributes.slice(half)))];
    }
  }

  async #getChunk(attributes: readonly AttributeReference[]): Promise<readonly GetResult[]> {
    if (!this.#parts.device.dlms?.useSn) return (await this.#request({ type: "get", attributes })).results;
    const names = await this.#names();
    const variables = attributes.map((attribute) => names.variableOf(attribute));
    const known = variables.filter((variable) => variable !== undefined);
    const read = known.length > 0 ? (await this.#request({ type: "read", variables: known })).results : [];
    const results = read.values();
    return variables.map((variable) => (variable ? results.next().value! : { error: "object-undefined" }));
  }

  async #setChunk(writes: readonly AttributeWrite[]): Promise<readonly DataAccessResult[]> {
    const attributes = writes.map(({ attribute }) => attribute);
    const values = writes.map(({ value }) => value);
    if (!this.#parts.device.dlms?.useSn) return (await this.#request({ type: "set", attributes, values })).results;
    const names = await this.#names();
    const results: DataAccessResult[] = [];
    for (const [i, attribute] of attributes.entries()) {
      const variable = names.variableOf(attribute);
      if (!variable) results.push("object-undefined");
      else {
        const request = { type: "write", variables: [variable], values: [values[i]!] } as const;
        results.push((await this.#request(request)).results[0]!);
      }
    }
    return results;
  }

  async #names(): Promise<ShortNames> {
    this.#shortNames ??= await readShortNames((request) => this.#request(request));
    return this.#shortNames;
  }

  /** How many attributes may be in one request. */
  async #listLength(): Promise<number> {
    const { negotiated } = await this.#open();
    const takesLists = negotiated?.conformance.includes("multiple-references");
    return takesLists ? Math.max(this.#parts.device.dlms?.withListMax ?? 1, 1) : 1;
  }

  #request<R extends ServiceRequest>(request: R): Promise<Extract<ServiceResponse, { readonly type: R["type"] }>> {
    type Answer = Extract<ServiceResponse, { readonly type: R["type"] }>;
    return this.#talk((connection) => connection.request(request) as Promise<Answer>);
  }

  async #talk<T>(exchange: (connection: MeterConnection) => Promise<T>): Promise<T> {
    const connection = this.#connection ?? (await this.#open());
    try {
      return await exchange(connection);
    } catch (thrown) {
      const error = toMetergateError(thrown, "associated");
      if (!connection.failure) throw error;
      throw this.#fail(error);
    }
  }

  async #open(): Promise<MeterConnection> {
    if (this.#connection) return this.#connection;
    if (this.#failure) throw this.#failure;
    try {
      this.#connection = await this.#associate();
    } catch (thrown) {
      throw this.#fail(toMetergateError(thrown, "associating"));
    }
    return this.#connection;
  }

  #fail(thrown: unknown): unknown {
    this.#connection = undefined;
    this.#failure = thrown instanceof MetergateError ? atDevice(thrown, this.#parts.device) : thrown;
    return this.#failure;
  }
}

/** The same error, saying which device and address it is about. */
function atDevice(error: MetergateError, { identification, dlms }: DlmsDevice): MetergateError {
  const place = dlms?.host !== undefined ? ` at ${dlms.host} port ${dlms.port}${dlms.useHdlc ? ", HDLC" : ""}` : "";
  return new MetergateError(error.code, `Device ${identification}${place}: ${error.message}`, {
    cause: error,
    context: {
      ...error.context,
      device: identification,
      host: dlms?.host,
      port: dlms?.port,
      useHdlc: dlms?.useHdlc,
    },
    retry: error.retry,
  });
}

/** What a meter says in place of a value. */
export type ReadError = Exclude<DataAccessResult, "success">;

/** The error for an attribute that a meter does not let be read; tried again only when it said "not now". */
export function readRefusal({ classId, logicalName, attribute }: AttributeReference, error: ReadError): MetergateError {
  return new MetergateError(
    "ERROR_RETRIEVING_ATTRIBUTE_VALUE",
    `Retrieving attribute value for { ${classId}, ${logicalName}, ${attribute} }. ` +
      `Result: resultCode(${DATA_ACCESS_RESULTS[error]}), with data: null`,
    { retry: error === "temporary-failure" },
  );
}

/**
 * What was read.
 * @throws MetergateError ERROR_RETRIEVING_ATTRIBUTE_VALUE with the meter's result
 */
export function requireData(attribute: AttributeReference, result: GetResult): CosemData {
  if ("data" in result) return result.data;
  throw readRefusal(attribute, result.error);
}

function* chunks<T>(items: readonly T[], length: number): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += length) yield items.slice(at, at + length);
}
