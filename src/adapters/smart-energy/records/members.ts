import { fromHex, toHex } from "../../../lib/bytes.ts";
import { decimalText, shiftDecimal } from "../../../lib/decimal.ts";
import type { FieldValue } from "../../../smart-energy/records.ts";
import { fromUtc2000, toUtc2000 } from "../../../smart-energy/values.ts";
import type { Member } from "./record-codec.ts";

interface Bounds {
  /** Values that say that there is nothing. */
  readonly unused?: readonly number[];
  readonly lowest?: number;
  readonly highest?: number;
}

const ifGiven = (field: string, values: readonly FieldValue[]) => ({ unused: { [field]: values } });

/** One number and one property; `to` gives undefined for what the property cannot say. */
function one<T>(
  field: string,
  key: string,
  unused: readonly FieldValue[],
  to: (value: number) => T | undefined,
  from: (value: T) => FieldValue | undefined,
): Member {
  return {
    ...ifGiven(field, unused),
    read(values, record) {
      const value = values[field];
      const known = typeof value === "number" && !unused.includes(value) ? to(value) : undefined;
      if (known !== undefined) record[key] = known;
    },
    write(record, values) {
      const value = record[key] === undefined ? undefined : from(record[key] as T);
      if (value !== undefined) values[field] = value;
    },
  };
}

/** A whole number as it is. */
export function number(field: string, key: string, { unused = [], lowest, highest }: Bounds = {}): Member {
  const fits = (value: number) => (lowest ?? value) <= value && value <= (highest ?? value);
  return one(
    field,
    key,
    unused,
    (value) => (fits(value) ? value : undefined),
    (value: number) => value,
  );
}

/** Seconds since 2000. */
export function time(field: string, key: string, unused: readonly number[]): Member {
  return one(field, key, unused, fromUtc2000, (ms: number) => toUtc2000(ms));
}

/** A number of steps of 10^−places. */
export function decimal(field: string, key: string, places: number, { unused = [], lowest = 0 }: Bounds): Member {
  return one(
    field,
    key,
    unused,
    (value) => (value >= lowest ? decimalText(value, -places) : undefined),
    (text: string) => Number(shiftDecimal(text, places)),
  );
}

/** A code that stands for a word. */
export function code(field: string, key: string, words: Readonly<Record<number, string>>): Member {
  const codes = new Map(Object.entries(words).map(([value, word]) => [word, Number(value)]));
  return one(
    field,
    key,
    [],
    (value) => words[value],
    (word: string) => codes.get(word),
  );
}

/** Words by their places in a list, the first of which is `first`. */
export function codesFrom(first: number, words: readonly string[]): Readonly<Record<number, string>> {
  return Object.fromEntries(words.map((word, i) => [first + i, word]));
}

/** Bits that each stand for a word, least significant first; none of them is the same as no field. */
export function bits(field: string, key: string, words: readonly string[]): Member {
  return {
    read(values, record) {
      const value = values[field];
      record[key] = typeof value === "number" ? words.filter((_, bit) => value & (1 << bit)) : [];
    },
    write(record, values) {
      const set = record[key] as readonly string[];
      if (set.length > 0) values[field] = set.reduce((sum, word) => sum | (1 << words.indexOf(word)), 0);
    },
  };
}

/** Parts of one field: a property for a flag, or for a code in some bits. */
export type Part = { readonly key: string; readonly mask: number } & (
  | { readonly words: Readonly<Record<number, string>> }
  | { readonly shift: number }
  | { readonly isFlag: true }
);

/** @param fallback what the whole field is when only some of the properties are given */
export function parts(field: string, fallback: number, list: readonly Part[]): Member {
  return {
    read(values, record) {
      const value = values[field];
      if (typeof value !== "number") return;
      for (const part of list) {
        const known = readPart(part, value & part.mask);
        if (known !== undefined) record[part.key] = known;
      }
    },
    write(record, values) {
      const given = list.filter(({ key }) => record[key] !== undefined);
      if (given.length === 0) return;
      values[field] = given.reduce((sum, part) => (sum & ~part.mask) | writePart(part, record[part.key]), fallback);
    },
  };
}

function readPart(part: Part, value: number): unknown {
  if ("words" in part) return part.words[value];
  return "shift" in part ? value >> part.shift : value !== 0;
}

function writePart(part: Part, value: unknown): number {
  if ("words" in part) return Number(Object.keys(part.words).find((bitsOf) => part.words[Number(bitsOf)] === value));
  return "shift" in part ? (value as number) << part.shift : value ? part.mask : 0;
}

/** A text as it is, up to some characters. */
export function text(field: string, key: string, longest: number): Member {
  return {
    read(values, record) {
      const value = values[field];
      if (typeof value === "string") record[key] = value.slice(0, longest);
    },
    write(record, values) {
      if (record[key] !== undefined) values[field] = record[key] as string;
    },
  };
}

/** Octets of a fixed length. */
export function octets(field: string, key: string, length: number): Member {
  return {
    read(values, record) {
      const value = values[field];
      if (value instanceof Uint8Array && value.length === length) record[key] = toHex(value);
    },
    write(record, values) {
      if (record[key] !== undefined) values[field] = fromHex(record[key] as string);
    },
  };
}
