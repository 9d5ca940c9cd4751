import { ParseOption, XmlC14NMode, XmlDocument } from "libxml2-wasm";

const EXCLUSIVE = { mode: XmlC14NMode.XML_C14N_EXCLUSIVE_1_0 } as const;
/** Nothing outside the document is ever loaded. */
const PARSE_OPTIONS = ParseOption.XML_PARSE_NONET | ParseOption.XML_PARSE_NO_XXE | ParseOption.XML_PARSE_HUGE;

/**
 * The canonical form of an element that stands alone with all its namespaces, which is also its form wherever it stands:
 * that is what makes the canonicalization exclusive. Only for XML that we wrote.
 */
export function canonicalize(element: string): string {
  const document = XmlDocument.fromString(element, { option: PARSE_OPTIONS });
  try {
    return document.canonicalizeToString(EXCLUSIVE);
  } finally {
    document.dispose();
  }
}

/**
 * The canonical form of an element whose content comes piece by piece: each piece is canonicalized where it stands,
 * between the same tags, which have the same form whatever is between them.
 */
export class CanonicalPieces {
  readonly #head: string;
  readonly #tail: string;
  /** Canonical form of what stands before the pieces, and behind them. */
  readonly open: string;
  readonly close: string;

  /**
   * @param head start tags, the first of which declares all prefixes
   * @param tail their end tags
   */
  constructor(head: string, tail: string) {
    this.#head = head;
    this.#tail = tail;
    const whole = canonicalize(head + tail);
    this.close = tail;
    this.open = whole.slice(0, -tail.length);
  }

  /** @param content elements that are whole */
  of(content: string): string {
    return canonicalize(this.#head + content + this.#tail).slice(this.open.length, -this.close.length);
  }
}
