const FIRST_CAPACITY = 256;

/** Octets of a stream that were not taken yet. Positions count from the first of them. */
export class StreamBuffer {
  #memory = new Uint8Array(0);
  #start = 0;
  #end = 0;

  get length(): number {
    return this.#end - this.#start;
  }

  /** Appends a copy of the octets. */
  push(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#memory.length) this.#makeRoom(bytes.length);
    this.#memory.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The octet at a position below `length`. */
  at(position: number): number {
    return this.#memory[this.#start + position]!;
  }

  /** Two octets, big-endian. */
  unsigned16(position: number): number {
    return (this.at(position) << 8) | this.at(position + 1);
  }

  /** Position of the next such octet, or `length` when there is none. */
  indexOf(octet: number, from: number): number {
    const found = this.#memory.subarray(0, this.#end).indexOf(octet, this.#start + from);
    return found < 0 ? this.length : found - this.#start;
  }

  /** A copy of the octets from one position up to another. */
  copy(from: number, to: number): Uint8Array {
    return this.#memory.slice(this.#start + from, this.#start + to);
  }

  /** Takes away the first `count` octets. */
  discard(count: number): void {
    this.#start += count;
    if (this.#start === this.#end) {
      this.#start = 0;
      this.#end = 0;
    }
  }

  #makeRoom(count: number): void {
    const length = this.length;
    const memory = this.#memory;
    if (length + count > memory.length / 2) {
      this.#memory = new Uint8Array(Math.max(FIRST_CAPACITY, 2 * (length + count)));
    }
    this.#memory.set(memory.subarray(this.#start, this.#end));
    this.#start = 0;
    this.#end = length;
  }
}
