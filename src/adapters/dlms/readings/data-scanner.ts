import { MAX_DATA_DEPTH } from "../../../dlms/data-depth.ts";
import { DlmsError } from "../../../dlms/errors.ts";

/** Where something ends among octets of which more may come; undefined while it does not end among those that are there. */
export type End = number | undefined;

/** The contents of one element of a compact-array, as its description has them. */
export type Layout =
  | { readonly tag: number }
  | { readonly tag: number; readonly elements: readonly Layout[] }
  | { readonly tag: number; readonly element: Layout; readonly count: number };

const ARRAY = 0x01;
const STRUCTURE = 0x02;
const BIT_STRING = 0x04;
const COMPACT_ARRAY = 0x13;
const WITH_LENGTH: ReadonlySet<number> = new Set([0x09, 0x0a, 0x0c]);
/** Octets of the contents of the types that have always the same number of them, by tag. */
const SIZES: ReadonlyMap<number, number> = new Map([
  ...([0x00, 0xff] as const).map((tag) => [tag, 0] as const),
  ...([0x03, 0x0d, 0x0f, 0x11, 0x16, 0x1c, 0x1f] as const).map((tag) => [tag, 1] as const),
  ...([0x10, 0x12, 0x1d, 0x20] as const).map((tag) => [tag, 2] as const),
  ...([0x05, 0x06, 0x17, 0x1b, 0x1e, 0x21] as const).map((tag) => [tag, 4] as const),
  ...([0x14, 0x15, 0x18] as const).map((tag) => [tag, 8] as const),
  [0x1a, 5],
  [0x19, 12],
]);

/**
 * The end of the A-XDR value whose tag is at `start`.
 * @throws DlmsError `remote/malformed` for a tag that no type has, `remote/too-large` for nesting beyond {@link MAX_DATA_DEPTH}
 */
export function endOfValue(octets: Uint8Array, start: number, depth = 0): End {
  const tag = octets[start];
  if (tag === undefined) return undefined;
  if (tag === ARRAY || tag === STRUCTURE) {
    const count = readLength(octets, start + 1);
    return count && endOfEach(count.end, count.length, (at) => endOfValue(octets, at, deeper(depth)));
  }
  if (tag !== COMPACT_ARRAY) return endOfContents(octets, start + 1, tag);
  const description = readLayout(octets, start + 1, deeper(depth));
  const contents = description && readLength(octets, description.end);
  return contents && within(octets, contents.end + contents.length);
}

/** The end of an element of a compact-array. */
export function endOfLayout(octets: Uint8Array, start: number, layout: Layout): End {
  if ("elements" in layout) {
    let at: End = start;
    for (const element of layout.elements) {
      if (at === undefined) return undefined;
      at = endOfLayout(octets, at, element);
    }
    return at;
  }
  if ("element" in layout) return endOfEach(start, layout.count, (at) => endOfLayout(octets, at, layout.element));
  return endOfContents(octets, start, layout.tag);
}

/** Reads a compact-array's description. */
export function readLayout(octets: Uint8Array, start: number, depth = 1): { layout: Layout; end: number } | undefined {
  const tag = octets[start];
  if (tag === undefined) return undefined;
  if (tag === ARRAY) {
    if (start + 3 > octets.length) return undefined;
    const element = readLayout(octets, start + 3, deeper(depth));
    const count = (octets[start + 1]! << 8) | octets[start + 2]!;
    return element && { layout: { tag, count, element: element.layout }, end: element.end };
  }
  if (tag !== STRUCTURE) return { layout: { tag }, end: start + 1 };
  const count = readLength(octets, start + 1);
  if (!count) return undefined;
  const elements: Layout[] = [];
  let at = count.end;
  for (let i = 0; i < count.length; i++) {
    const element = readLayout(octets, at, deeper(depth));
    if (!element) return undefined;
    elements.push(element.layout);
    at = element.end;
  }
  return { layout: { tag, elements }, end: at };
}

/** A length of A-XDR: one octet up to 127, otherwise 0x80 + n and n octets. */
export function readLength(octets: Uint8Array, start: number): { length: number; end: number } | undefined {
  const first = octets[start];
  if (first === undefined) return undefined;
  if (first < 0x80) return { length: first, end: start + 1 };
  const size = first - 0x80;
  if (size === 0 || size > 4) throw malformed(`a length of ${size} octets`);
  if (start + 1 + size > octets.length) return undefined;
  let length = 0;
  for (let i = 1; i <= size; i++) length = length * 0x100 + octets[start + i]!;
  return { length, end: start + 1 + size };
}

function endOfContents(octets: Uint8Array, start: number, tag: number): End {
  const size = SIZES.get(tag);
  if (size !== undefined) return within(octets, start + size);
  const isBits = tag === BIT_STRING;
  if (!isBits && !WITH_LENGTH.has(tag)) throw malformed(`a tag of ${tag}`);
  const length = readLength(octets, start);
  return length && within(octets, length.end + (isBits ? Math.ceil(length.length / 8) : length.length));
}

function endOfEach(start: number, count: number, endOf: (at: number) => End): End {
  let at: End = start;
  for (let i = 0; i < count && at !== undefined; i++) at = endOf(at);
  return at;
}

function within(octets: Uint8Array, end: number): End {
  return end <= octets.length ? end : undefined;
}

function deeper(depth: number): number {
  if (depth < MAX_DATA_DEPTH) return depth + 1;
  throw new DlmsError("remote/too-large", `more than ${MAX_DATA_DEPTH} levels of nesting`, { limit: MAX_DATA_DEPTH });
}

function malformed(what: string): DlmsError {
  return new DlmsError("remote/malformed", `a profile's buffer holds ${what}`);
}
