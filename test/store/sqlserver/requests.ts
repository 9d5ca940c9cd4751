/** What a client of the Tabular Data Stream protocol (MS-TDS, version 7.4) asks for. */

/** A parameter with its declared type, such as `bigint`. */
export interface Parameter {
  readonly name: string;
  readonly type: "bigint" | "float" | "nvarchar(max)" | "nvarchar(4000)" | "varbinary(max)" | "varbinary(1)";
  readonly value: string | number | Uint8Array | null;
}

export type Request =
  | { readonly kind: "batch"; readonly sql: string }
  | { readonly kind: "execute"; readonly sql: string; readonly parameters: readonly Parameter[] }
  | { readonly kind: "begin"; readonly isolation: number }
  | { readonly kind: "commit" | "rollback" };

/** Reads octets one after the other. */
class Reader {
  readonly #octets: Buffer;
  #at = 0;

  constructor(octets: Buffer) {
    this.#octets = octets;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#octets.length;
  }

  take(count: number): Buffer {
    if (this.#at + count > this.#octets.length) throw new Error("a request is shorter than it says");
    this.#at += count;
    return this.#octets.subarray(this.#at - count, this.#at);
  }

  u8 = () => this.take(1).readUInt8();
  u16 = () => this.take(2).readUInt16LE();
  u32 = () => this.take(4).readUInt32LE();
  ucs2 = (characters: number) => this.take(2 * characters).toString("utf16le");
  rest = () => this.take(this.#octets.length - this.#at);

  /** A value of any length, in chunks; undefined for null. */
  chunks(): Buffer | undefined {
    if (this.take(8).equals(Buffer.alloc(8, 0xff))) return undefined;
    const parts: Buffer[] = [];
    for (let length = this.u32(); length > 0; length = this.u32()) parts.push(this.take(length));
    return Buffer.concat(parts);
  }

  /** A value with its length in front; undefined for null. */
  short(): Buffer | undefined {
    const length = this.u16();
    return length === 0xffff ? undefined : this.take(length);
  }
}

const SP_EXECUTESQL = 10;
const MAX = 0xffff;

function readParameter(reader: Reader): Parameter {
  const name = reader.ucs2(reader.u8());
  reader.u8();
  const token = reader.u8();
  switch (token) {
    case 0x26: {
      const size = reader.u8();
      const value = reader.take(reader.u8());
      if (size !== 8) throw new Error(`an integer of ${size} octets`);
      return { name, type: "bigint", value: value.length === 0 ? null : Number(value.readBigInt64LE()) };
    }
    case 0x6d: {
      reader.u8();
      const value = reader.take(reader.u8());
      return { name, type: "float", value: value.length === 0 ? null : value.readDoubleLE() };
    }
    case 0xe7: {
      const isMax = reader.u16() === MAX;
      reader.take(5);
      const value = isMax ? reader.chunks() : reader.short();
      const type = isMax ? "nvarchar(max)" : "nvarchar(4000)";
      return { name, type, value: value?.toString("utf16le") ?? null };
    }
    case 0xa5: {
      const isMax = reader.u16() === MAX;
      const value = isMax ? reader.chunks() : reader.short();
      return { name, type: isMax ? "varbinary(max)" : "varbinary(1)", value: value ?? null };
    }
    default:
      throw new Error(`a parameter of type ${token.toString(16)}`);
  }
}

/** The request behind the headers that all have. */
function body(message: Buffer): Reader {
  const reader = new Reader(message);
  reader.take(reader.u32() - 4);
  return reader;
}

export function readBatch(message: Buffer): Request {
  return { kind: "batch", sql: body(message).rest().toString("utf16le") };
}

/** Calls of `sp_executesql`, which all statements with parameters are. */
export function readCall(message: Buffer): Request {
  const reader = body(message);
  const length = reader.u16();
  const procedure = length === MAX ? reader.u16() : reader.ucs2(length);
  if (procedure !== SP_EXECUTESQL && procedure !== "sp_executesql") throw new Error(`a call of ${procedure}`);
  reader.u16();
  const parameters: Parameter[] = [];
  while (!reader.isAtEnd) parameters.push(readParameter(reader));
  const [sql, , ...bound] = parameters;
  return { kind: "execute", sql: String(sql!.value), parameters: bound };
}

export function readTransaction(message: Buffer): Request {
  const reader = body(message);
  const type = reader.u16();
  if (type === 5) return { kind: "begin", isolation: reader.u8() };
  if (type === 7) return { kind: "commit" };
  if (type === 8) return { kind: "rollback" };
  throw new Error(`a transaction request of type ${type}`);
}

/** The name of the database that a login asks for. */
export function databaseOf(login: Buffer): string {
  const [offset, characters] = [login.readUInt16LE(68), login.readUInt16LE(70)];
  return login.toString("utf16le", offset, offset + 2 * characters);
}
