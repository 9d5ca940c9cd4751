import fc from "fast-check";

const HALVES = { first: 0xd800, count: 0x800 };
const LAST = 0x10_ffff;

/**
 * Any character of Unicode, for `fc.string({ unit: character })`: every code point but halves of surrogate pairs.
 * fast-check's own `binary` is the same, but makes a table of all of them, which costs each process about a second.
 */
export const character: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: LAST - HALVES.count })
  .map((number) => String.fromCodePoint(number < HALVES.first ? number : number + HALVES.count), numberOf);

/** Lets fast-check try, and shorten, texts that it knows to be dangerous. */
function numberOf(text: unknown): number {
  if (typeof text !== "string" || [...text].length !== 1) throw new TypeError("not a character");
  const code = text.codePointAt(0)!;
  return code < HALVES.first ? code : code - HALVES.count;
}
