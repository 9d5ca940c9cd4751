/** Texts compare by their code units, as in the other databases: case counts, and no language does. */
export const COLLATION = "Latin1_General_100_BIN2";

/** A text that is looked for. An index takes 850 characters in all; a longer text is refused. */
export const KEY = `nvarchar(450) collate ${COLLATION}`;
/** A text that is looked for and that we wrote: a state, a type. */
export const NAME = `nvarchar(100) collate ${COLLATION}`;
export const TEXT = `nvarchar(max) collate ${COLLATION}`;

/**
 * Put behind a text that ends with a space or with this: SQL Server takes two texts for the same that differ in spaces at
 * their ends, whatever the collation. It is greater than a space, so that the longer text still comes behind the shorter.
 */
const END = "\u007f";

/** A text as it is kept. */
export function toStored(text: string): string {
  return text.endsWith(" ") || text.endsWith(END) ? text + END : text;
}

/** A text as it was before it was kept. */
export function fromStored(text: string): string {
  return text.endsWith(END) ? text.slice(0, -1) : text;
}
