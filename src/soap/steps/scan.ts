import { SoapFault } from "../fault.ts";

/**
 * What a document may hold. The parser, the schema check and the decoder each take time that grows faster than one of
 * these: all numbers are far above what the contract needs, and a document at all of them is handled in some 100 ms.
 */
const SCAN_LIMITS = {
  elements: 10_000,
  /** Elements inside each other; the contract has 12. */
  depth: 100,
  /** Attributes and namespace declarations; toolkits that write `xsi:type` on every element are let pass. */
  attributes: 20_000,
  attributesOfOneElement: 100,
  /** Characters between two tags, and of one tag: comparing with a pattern and joining pieces takes long for longer ones. */
  text: 65_536,
  /** Comments and CDATA sections: each splits the text that it stands in. */
  pieces: 1_000,
  /** References such as `&amp;`, which the parser puts together with the text around them. */
  references: 20_000,
} as const;

const EXCLAMATION = 0x21;
const QUOTE = 0x22;
const APOSTROPHE = 0x27;
const SLASH = 0x2f;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const QUESTION = 0x3f;

function refuse(text: string): never {
  throw new SoapFault("Client", text);
}

/** Where the document begins, behind its XML declaration. */
function startOfDocument(text: string): number {
  if (/^<\?xml\s/.test(text)) {
    const end = text.indexOf("?>");
    return end < 0 ? text.length : end + 2;
  }
  if (/^\s+<\?xml\s/.test(text)) refuse("The message begins with white space: nothing may stand before <?xml");
  return 0;
}

/** Goes over a document once, from left to right, and counts. */
class Scanner {
  readonly #text: string;
  #at: number;
  /** Where the last tag ended. */
  #textStart: number;
  #elements = 0;
  #depth = 0;
  #attributes = 0;
  #pieces = 0;
  #lastChildAt = 0;

  constructor(text: string) {
    this.#text = text;
    this.#at = startOfDocument(text);
    this.#textStart = this.#at;
  }

  /** Gives where the last child of the root begins. */
  scan(): number {
    const text = this.#text;
    for (;;) {
      const markup = text.indexOf("<", this.#at);
      if (markup < 0) return this.#lastChildAt;
      this.#at = markup;
      const next = text.charCodeAt(markup + 1);
      if (next === QUESTION) refuse("The message holds a processing instruction");
      if (next === EXCLAMATION) this.#piece();
      else this.#tag(next === SLASH);
    }
  }

  #tag(isEnd: boolean): void {
    this.#requireShort(this.#textStart, this.#at);
    const start = this.#at;
    if (isEnd) {
      this.#depth -= 1;
      this.#at += 2;
    } else this.#startTag();
    this.#requireShort(start, this.#at);
    this.#textStart = this.#at;
  }

  #requireShort(from: number, to: number): void {
    if (to - from > SCAN_LIMITS.text) refuse(`The message holds a text of more than ${SCAN_LIMITS.text} characters`);
  }

  #piece(): void {
    const text = this.#text;
    const comment = text.startsWith("<!--", this.#at);
    if (!comment && !text.startsWith("<![CDATA[", this.#at)) refuse("The message holds a document type declaration");
    if (++this.#pieces > SCAN_LIMITS.pieces) {
      refuse(`The message holds more than ${SCAN_LIMITS.pieces} comments and CDATA sections`);
    }
    const end = text.indexOf(comment ? "-->" : "]]>", this.#at + (comment ? 4 : 9));
    this.#at = end < 0 ? text.length : end + 3;
  }

  /** A start tag: up to its `>`, which does not count inside quoted values. */
  #startTag(): void {
    if (++this.#elements > SCAN_LIMITS.elements) {
      refuse(`The message holds more than ${SCAN_LIMITS.elements} elements`);
    }
    if (this.#depth === 1) this.#lastChildAt = this.#at;
    const text = this.#text;
    let attributes = 0;
    let quote = 0;
    let at = this.#at + 1;
    for (; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (quote !== 0) {
        if (code === quote) quote = 0;
      } else if (code === QUOTE || code === APOSTROPHE) quote = code;
      else if (code === GREATER || code === LESS) break;
      else if (code === EQUALS) attributes += 1;
    }
    this.#countAttributes(attributes);
    if (text.charCodeAt(at - 1) !== SLASH && ++this.#depth > SCAN_LIMITS.depth) {
      refuse(`The message holds elements more than ${SCAN_LIMITS.depth} levels deep`);
    }
    this.#at = text.charCodeAt(at) === GREATER ? at + 1 : at;
  }

  #countAttributes(attributes: number): void {
    this.#attributes += attributes;
    if (attributes > SCAN_LIMITS.attributesOfOneElement) {
      refuse(`An element of the message has more than ${SCAN_LIMITS.attributesOfOneElement} attributes`);
    }
    if (this.#attributes > SCAN_LIMITS.attributes) {
      refuse(`The message holds more than ${SCAN_LIMITS.attributes} attributes`);
    }
  }
}

function countReferences(text: string): void {
  let references = 0;
  for (let at = text.indexOf("&"); at >= 0; at = text.indexOf("&", at + 1)) {
    if (++references > SCAN_LIMITS.references) {
      refuse(`The message holds more than ${SCAN_LIMITS.references} references`);
    }
  }
}

/**
 * Looks over a document before any parser sees it: no DOCTYPE, no processing instruction (SOAP 1.1, section 3), not
 * more of anything than can be handled in bounded time. In well-formed XML `<` begins markup and nothing else outside
 * comments and CDATA, so this needs no parser; what is not well-formed the parser refuses.
 * @returns where, in a well-formed document, the root's last child begins; 0 when it has none
 * @throws SoapFault Client
 */
export function scanDocument(text: string): number {
  if (text.includes("\0")) refuse("The message holds a NUL character");
  countReferences(text);
  return new Scanner(text).scan();
}
