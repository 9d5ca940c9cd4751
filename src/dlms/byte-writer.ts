import type { ObisCode } from "../lib/obis.ts";
import { DlmsError, invalidValue } from "./errors.ts";

const ZERO = "0".charCodeAt(0);
/** Up to here a copy costs less than a view, for which the engine would have to move the memory first. */
const SMALL = 64;

/**
 * Collects octets, big-endian, in memory that grows.
 * A number outside of its field's range is DlmsError `local/invalid-value`; nothing is ever cut off silently.
 */
export class ByteWriter {
  #bytes: Uint8Array;
  #view: DataView | undefined;
  #length = 0;

  /** @param capacity octets to make room for at once; more are found when needed. */
  constructor(capacity = 64) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written, maybe as a view of the writer's memory: do not write on after this. */
  finish(): Uint8Array {
    const length = this.#length;
    return length <= SMALL ? this.#bytes.slice(0, length) : this.#bytes.subarray(0, length);
  }

  unsigned8(value: number): void {
    checkInteger(value, 0, 0xff);
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }

  unsigned16(value: number): void {
    checkInteger(value, 0, 0xffff);
    const at = this.#grow(2);
    this.#bytes[at] = value >> 8;
    this.#bytes[at + 1] = value;
  }

  unsigned32(value: number): void {
    checkInteger(value, 0, 0xffff_ffff);
    this.#put32(value);
  }

  integer8(value: number): void {
    checkInteger(value, -0x80, 0x7f);
    const at = this.#grow(1);
    this.#bytes[at] = value;
  }

  integer16(value: number): void {
    checkInteger(value, -0x8000, 0x7fff);
    const at = this.#grow(2);
    this.#bytes[at] = value >> 8;
    this.#bytes[at + 1] = value;
  }

  integer32(value: number): void {
    checkInteger(value, -0x8000_0000, 0x7fff_ffff);
    this.#put32(value);
  }

  unsigned64(value: bigint): void {
    if (typeof value !== "bigint" || BigInt.asUintN(64, value) !== value) throw outOfRange(value, 0n, 2n ** 64n - 1n);
    this.#dataView(8).setBigUint64(this.#length - 8, value);
  }

  integer64(value: bigint): void {
    if (typeof value !== "bigint" || BigInt.asIntN(64, value) !== value) {
      throw outOfRange(value, -(2n ** 63n), 2n ** 63n - 1n);
    }
    this.#dataView(8).setBigInt64(this.#length - 8, value);
  }

  /** Rounds to the nearest single-precision number; a finite number that would round to infinity is refused. */
  float32(value: number): void {
    if (typeof value !== "number" || (Number.isFinite(value) && !Number.isFinite(Math.fround(value)))) {
      throw invalidValue(`${value} does not fit a single-precision number`);
    }
    this.#dataView(4).setFloat32(this.#length - 4, value);
  }

  float64(value: number): void {
    if (typeof value !== "number") {
      throw invalidValue(`${value} is not a number`);
    }
    this.#dataView(8).setFloat64(this.#length - 8, value);
  }

  /** True is 1, as every implementation seen writes it; the standard takes any octet but 0. */
  boolean(value: boolean): void {
    this.unsigned8(value ? 1 : 0);
  }

  /** Copies the octets in. */
  octets(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** A length and the octets. */
  octetString(bytes: Uint8Array): void {
    this.writeLength(bytes.length);
    this.octets(bytes);
  }

  /** The shortest form of an A-XDR or BER length. */
  writeLength(length: number): void {
    if (length < 0x80) {
      this.unsigned8(length);
    } else if (length <= 0xff) {
      this.unsigned8(0x81);
      this.unsigned8(length);
    } else if (length <= 0xffff) {
      this.unsigned8(0x82);
      this.unsigned16(length);
    } else {
      this.unsigned8(0x84);
      this.unsigned32(length);
    }
  }

  logicalName(code: ObisCode): void {
    let group = 0;
    let digits = 0;
    let groups = 0;
    for (let at = 0; at <= code.length; at++) {
      const digit = code.charCodeAt(at) - ZERO;
      if (digit >= 0 && digit <= 9) {
        group = 10 * group + digit;
        digits++;
      } else {
        // A dot, or the end; what stands for no number is out of range.
        this.unsigned8(digits > 0 && (at === code.length || code[at] === ".") ? group : Number.NaN);
        group = 0;
        digits = 0;
        groups++;
      }
    }
    if (groups !== 6) throw invalidValue(`not an OBIS code: ${code}`);
  }

  #put32(value: number): void {
    const at = this.#grow(4);
    const b = this.#bytes;
    b[at] = value >> 24;
    b[at + 1] = value >> 16;
    b[at + 2] = value >> 8;
    b[at + 3] = value;
  }

  /** Makes room and counts it as written; returns where it starts. */
  #grow(by: number): number {
    const at = this.#length;
    const needed = at + by;
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = undefined;
    }
    this.#length = needed;
    return at;
  }

  #dataView(by: number): DataView {
    this.#grow(by);
    this.#view ??= new DataView(this.#bytes.buffer);
    return this.#view;
  }
}

function checkInteger(value: number, min: number, max: number): void {
  if (!(value >= min && value <= max && Number.isInteger(value))) throw outOfRange(value, min, max);
}

function outOfRange(value: number | bigint, min: number | bigint, max: number | bigint): DlmsError {
  const context = { value: String(value), min: String(min), max: String(max) };
  return new DlmsError("local/invalid-value", `${String(value)} is not an integer from ${min} to ${max}`, context);
}
