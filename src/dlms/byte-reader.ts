import { type ObisCode, obisFromBytes } from "../lib/obis.ts";
import { DlmsError } from "./errors.ts";

/**
 * Reads octets from front to back, big-endian, never past the end.
 * Octet sequences it hands out are views of the input, not copies: whoever changes the input changes them.
 * Every failure is a DlmsError with the `offset` at which it was noticed, counted from the start of the input:
 * `remote/truncated` when the input ends too early, `remote/malformed` when a value overruns the part that holds it.
 */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  /** True when `#end` is where a value that is there as a whole ends, rather than the input. */
  readonly #isPart: boolean;
  #offset: number;
  #view: DataView | undefined;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length, isPart = false) {
    // A Buffer's views are Buffers again, which compare unequal to plain Uint8Arrays.
    this.#bytes =
      bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#offset = start;
    this.#end = end;
    this.#isPart = isPart;
  }

  /** Position of the next octet. */
  get offset(): number {
    return this.#offset;
  }

  /** Octets not read yet. */
  get remaining(): number {
    return this.#end - this.#offset;
  }

  /** The next octet, left where it is; undefined at the end. */
  peek(): number | undefined {
    return this.#offset < this.#end ? this.#bytes[this.#offset] : undefined;
  }

  unsigned8(): number {
    if (this.#offset >= this.#end) throw this.#short(1);
    return this.#bytes[this.#offset++]!;
  }

  unsigned16(): number {
    const at = this.#take(2);
    return (this.#bytes[at]! << 8) | this.#bytes[at + 1]!;
  }

  unsigned32(): number {
    const at = this.#take(4);
    const b = this.#bytes;
    return b[at]! * 0x1000000 + ((b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!);
  }

  integer8(): number {
    return (this.unsigned8() << 24) >> 24;
  }

  integer16(): number {
    return (this.unsigned16() << 16) >> 16;
  }

  integer32(): number {
    return this.unsigned32() | 0;
  }

  unsigned64(): bigint {
    return this.#dataView().getBigUint64(this.#take(8));
  }

  integer64(): bigint {
    return this.#dataView().getBigInt64(this.#take(8));
  }

  float32(): number {
    return this.#dataView().getFloat32(this.#take(4));
  }

  float64(): number {
    return this.#dataView().getFloat64(this.#take(8));
  }

  /** A-XDR boolean: any octet but 0 is true. */
  boolean(): boolean {
    return this.unsigned8() !== 0;
  }

  /** The next `length` octets, as a view. */
  octets(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A length (see {@link length}) and as many octets, as a view. */
  octetString(): Uint8Array {
    return this.octets(this.length());
  }

  logicalName(): ObisCode {
    return obisFromBytes(this.octets(6));
  }

  /**
   * A length as A-XDR (IEC 61334-6) and BER write it: one octet up to 127, or 0x81 … 0x84 and that many octets.
   * Lengths written longer than need be are accepted. 0 … 2^32 − 1; whether as much follows is not checked here.
   */
  length(): number {
    const first = this.unsigned8();
    if (first < 0x80) return first;
    const octets = first & 0x7f;
    if (octets === 0 || octets > 4) throw this.malformed(`a length has 1 to 4 octets, not ${octets}`, 1);
    let length = 0;
    for (let i = 0; i < octets; i++) length = length * 256 + this.unsigned8();
    return length;
  }

  /**
   * The number of elements that follow, each of at least one octet.
   * More than the input has octets left is `remote/truncated` here, before anything is allocated for them.
   */
  count(): number {
    const count = this.length();
    this.require(count);
    return count;
  }

  /** The next `length` octets as a reader of their own that counts offsets like this one. */
  part(length: number): ByteReader {
    const at = this.#take(length);
    return new ByteReader(this.#bytes, at, at + length, true);
  }

  /** Throws the error for an input that is too short unless `length` octets are left. */
  require(length: number): void {
    if (length > this.remaining) throw this.#short(length);
  }

  /** @throws DlmsError `remote/malformed` when octets are left. */
  expectEnd(what: string): void {
    if (this.remaining > 0) throw this.malformed(`${this.remaining} octets follow the ${what}`);
  }

  /** The error for octets that break a definition; `back` octets before the present position. */
  malformed(message: string, back = 0): DlmsError {
    const offset = this.#offset - back;
    return new DlmsError("remote/malformed", `${message} (at octet ${offset})`, { offset });
  }

  #take(length: number): number {
    const at = this.#offset;
    if (length > this.#end - at) throw this.#short(length);
    this.#offset = at + length;
    return at;
  }

  #short(wanted: number): DlmsError {
    const context = { offset: this.#offset, wanted, remaining: this.remaining };
    const message = `${wanted} octets wanted at octet ${this.#offset}, ${this.remaining} left`;
    return this.#isPart
      ? new DlmsError("remote/malformed", `a value overruns the part that holds it: ${message}`, context)
      : new DlmsError("remote/truncated", message, context);
  }

  #dataView(): DataView {
    this.#view ??= new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.byteLength);
    return this.#view;
  }
}
