import { MetergateError } from "../../../domain/errors.ts";

/** Characters of one message; the answers with the most in them, schedules and tariffs, have some thousands. */
const LONGEST_MESSAGE = 65_536;

const [QUOTE, BACKSLASH, OPEN, CLOSE] = ['"', "\\", "{", "}"].map((each) => each.charCodeAt(0));

/**
 * Cuts a stream of JSON objects apart, whatever stands between them: line breaks, commas, brackets of a list, pings of
 * the server, nothing at all. Objects come out as text, in order; what is in them is not looked at.
 */
export class JsonStream {
  readonly #decoder = new TextDecoder();
  #text = "";
  /** How far `#text` is looked at, and what was met there. */
  #at = 0;
  #begin = -1;
  #depth = 0;
  #isString = false;

  /**
   * Takes octets as they came, cut anywhere.
   * @throws MetergateError ILLEGAL_RESPONSE for an object that is too long; the rest of the stream makes no sense then
   */
  push(octets: Uint8Array): string[] {
    this.#text += this.#decoder.decode(octets, { stream: true });
    const objects: string[] = [];
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (this.#isString) {
        if (code === BACKSLASH) this.#at++;
        else if (code === QUOTE) this.#isString = false;
      } else if (this.#depth > 0 && code === QUOTE) this.#isString = true;
      else if (code === OPEN) {
        if (this.#depth++ === 0) this.#begin = this.#at;
      } else if (code === CLOSE && this.#depth > 0 && --this.#depth === 0) {
        objects.push(this.#text.slice(this.#begin, this.#at + 1));
        this.#begin = -1;
      }
    }
    const from = this.#begin < 0 ? this.#at : this.#begin;
    this.#text = this.#text.slice(from);
    this.#at -= from;
    if (this.#begin >= 0) this.#begin = 0;
    if (this.#text.length > LONGEST_MESSAGE) {
      throw new MetergateError("ILLEGAL_RESPONSE", `a message of more than ${LONGEST_MESSAGE} characters`);
    }
    return objects;
  }
}
