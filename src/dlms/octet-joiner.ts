import { DlmsError } from "./errors.ts";

const NOTHING = new Uint8Array(0);

/** Joins octets that arrive in parts; its memory grows with them and never beyond its limit, however small they are. */
export class OctetJoiner {
  readonly #maxLength: number;
  readonly #what: string;
  #octets: Uint8Array = NOTHING;
  #length = 0;

  /**
   * @param maxLength octets that the whole may have
   * @param what the whole is, for the error
   */
  constructor(maxLength: number, what: string) {
    this.#maxLength = maxLength;
    this.#what = what;
  }

  /** Octets so far. */
  get length(): number {
    return this.#length;
  }

  /** Appends a copy. @throws DlmsError `remote/too-large` */
  append(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#maxLength) {
      const context = { length, limit: this.#maxLength };
      throw new DlmsError("remote/too-large", `${this.#what} of more than ${this.#maxLength} octets`, context);
    }
    if (length > this.#octets.length) {
      const grown = new Uint8Array(Math.min(Math.max(length, 2 * this.#octets.length), this.#maxLength));
      grown.set(this.#octets.subarray(0, this.#length));
      this.#octets = grown;
    }
    this.#octets.set(part, this.#length);
    this.#length = length;
  }

  /** The whole; begins anew. */
  take(): Uint8Array {
    const whole = this.#octets.subarray(0, this.#length);
    this.clear();
    return whole;
  }

  /** Begins anew. */
  clear(): void {
    this.#octets = NOTHING;
    this.#length = 0;
  }
}
