import fc from "fast-check";
import { COMPLEX_TYPES, ELEMENTS, SIMPLE_TYPES } from "../../src/contract/generated/tables.ts";
import type {
  AttributeTable,
  BuiltInType,
  ChoiceTable,
  FieldTable,
  SimpleTypeTable,
  TypeName,
} from "../../src/contract/tables.ts";
import { character } from "../characters.ts";

/** Values of a global element's content, of every shape and border its type has. */
export function valuesOf(element: string): fc.Arbitrary<unknown> {
  return valuesOfType(ELEMENTS[element]!);
}

const known = new Map<TypeName, fc.Arbitrary<unknown>>();

/** Values of a type by its name. */
export function valuesOfType(type: TypeName): fc.Arbitrary<unknown> {
  const arbitrary = known.get(type) ?? makeValues(type);
  known.set(type, arbitrary);
  return arbitrary;
}

function makeValues(type: TypeName): fc.Arbitrary<unknown> {
  const complex = COMPLEX_TYPES[type];
  if (complex?.text) return textValues(complex.text, complex.attributes ?? []);
  if (!complex) return simpleValues(SIMPLE_TYPES[type] ?? { base: type.slice(4) as BuiltInType });
  const shape: Record<string, fc.Arbitrary<unknown>> = {};
  const optional = new Set<string>();
  const together = new Set<string>();
  for (const particle of complex.particles) {
    if ("choice" in particle) shape[particle.max === 1 ? "item" : "items"] = choiceValues(particle);
    else {
      shape[particle.name] = fieldValues(particle);
      if (particle.group) together.add(particle.name);
      else if (particle.min === 0 && particle.max === 1 && particle.default === undefined) optional.add(particle.name);
    }
  }
  const requiredKeys = Object.keys(shape).filter((key) => !optional.has(key));
  const all = fc.record(shape, { requiredKeys, noNullPrototype: true });
  if (together.size === 0) return all;
  return fc.tuple(all, fc.boolean()).map(([value, given]) => {
    const kept = Object.entries(value as object).filter(([key]) => given || !together.has(key));
    return Object.fromEntries(kept);
  });
}

function textValues(text: TypeName, attributes: readonly AttributeTable[]): fc.Arbitrary<unknown> {
  const shape = Object.fromEntries(attributes.map(({ name, type }) => [name, valuesOfType(type)]));
  return fc.record({ ...shape, value: valuesOfType(text) }, { noNullPrototype: true });
}

function fieldValues(field: FieldTable): fc.Arbitrary<unknown> {
  const values = valuesOfType(field.type);
  return repeated(field.nillable ? fc.option(values, { nil: null }) : values, field);
}

function choiceValues(choice: ChoiceTable): fc.Arbitrary<unknown> {
  const options = choice.choice.map((field) =>
    fieldValues(field).map((value): unknown => ({ name: field.name, value })),
  );
  return repeated(fc.oneof(...options), choice);
}

function repeated(
  values: fc.Arbitrary<unknown>,
  { min, max }: { min: number; max: number | "unbounded" },
): fc.Arbitrary<unknown> {
  if (max === 1) return values;
  return fc.array(values, { minLength: min, maxLength: max === "unbounded" ? min + 5 : max, size: "small" });
}

function simpleValues(table: SimpleTypeTable): fc.Arbitrary<unknown> {
  if (table.enumeration) return fc.constantFrom(...table.enumeration);
  const { base, minInclusive, maxInclusive, minLength = 0, maxLength = minLength + 20 } = table;
  const between = (min: number, max: number) =>
    fc.integer({ min: Math.max(min, Number(minInclusive ?? min)), max: Math.min(max, Number(maxInclusive ?? max)) });
  switch (base) {
    case "string":
    case "normalizedString":
      return texts(table, minLength, maxLength);
    case "anyURI":
      return urls.filter((url) => url.length >= minLength);
    case "boolean":
      return fc.boolean();
    case "byte":
      return between(-128, 127);
    case "short":
      return between(-32_768, 32_767);
    case "int":
      return between(-2_147_483_648, 2_147_483_647);
    case "unsignedByte":
      return between(0, 255);
    case "unsignedShort":
      return between(0, 65_535);
    case "unsignedInt":
      return between(0, 4_294_967_295);
    case "long":
      return integers(-(2n ** 63n), 2n ** 63n - 1n);
    case "integer":
      return integers(-(10n ** 23n), 10n ** 23n);
    case "decimal":
      return table.patterns ? decimalsLike(table) : decimals(minInclusive === 0, maxInclusive);
    case "dateTime":
      return fc.date({
        min: new Date("0001-01-01T00:00:00Z"),
        max: new Date("9999-12-31T23:59:59.999Z"),
        noInvalidDate: true,
      });
    case "hexBinary":
      return fc.uint8Array({ minLength, maxLength }).map((octets) => Uint8Array.from(octets));
  }
}

/** Digits of any length up to those of the bound, which occurs itself: no floating point may come between. */
function decimals(positive: boolean, max?: number | string): fc.Arbitrary<string> {
  const some = fc.stringMatching(positive ? /^\d{1,18}(\.\d{1,6})?$/ : /^-?\d{1,30}(\.\d{1,6})?$/);
  return max === undefined ? some : fc.oneof(some, fc.constant(String(max)));
}

/** Digits as the patterns have them, within the bounds. */
function decimalsLike({ patterns = [], minInclusive = -Infinity, maxInclusive = Infinity }: SimpleTypeTable) {
  const [first = ""] = patterns;
  return fc
    .stringMatching(new RegExp(`^(?:${first})$`))
    .filter((text) => Number(text) >= Number(minInclusive) && Number(text) <= Number(maxInclusive));
}

/** Numbers where they are exact, bigints where not. */
function integers(min: bigint, max: bigint): fc.Arbitrary<number | bigint> {
  return fc.bigInt({ min, max }).map((value) => {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  });
}

/** Any character XML can hold, those that need escaping more often than by chance. */
const anyCharacter = fc.oneof(
  fc.constantFrom("&", "<", ">", '"', "'", "]", " ", "\t", "\n", "\r", "\u0085", "\u2028"),
  fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 1 }),
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML cannot hold them
  character.filter((each) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/u.test(each)),
);

function texts({ base, patterns = [] }: SimpleTypeTable, minLength: number, maxLength: number): fc.Arbitrary<string> {
  // Most patterns of the contract's strings are one character class, repeated: of those, any character is tried.
  const matches = patterns.map((pattern) => /^(\[(?:[^\]\\]|\\.)+\])(?:\+|\{\d+\})$/.exec(pattern));
  if (matches.includes(null)) return textsLike(patterns, minLength);
  const classes = matches.map((match) => match!);
  const one = new RegExp(`^${classes.map((match) => `(?=${match[1]}$)`).join("")}[^]$`, "u");
  const unit = anyCharacter.filter(
    (each) => (classes.length === 0 || one.test(each)) && (base === "string" || !/[\t\n\r]/.test(each)),
  );
  const exact = classes.map((match) => match[0].match(/^.*\{(\d+)\}$/)?.[1]).find(Boolean);
  const atLeast = exact ? Number(exact) : Math.max(minLength, classes.length > 0 ? 1 : 0);
  return fc.string({ unit, minLength: atLeast, maxLength: exact ? Number(exact) : maxLength });
}

/** What `fc.webUrl()` makes, which would make a table of all characters first. */
const segments = fc.string({
  unit: fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom(..."abcxyzABCXYZ0123456789-._~!$&'()*+,;=:@") },
    { weight: 1, arbitrary: character.map(encodeURIComponent) },
  ),
});
const urls = fc
  .tuple(fc.constantFrom("http", "https"), fc.domain(), fc.array(segments))
  .map(([scheme, domain, path]) => [`${scheme}://${domain}`, ...path].join("/"));

/** Texts as one pattern has them; the others, and what the length may be, choose among these. */
function textsLike([first = "", ...others]: readonly string[], minLength: number): fc.Arbitrary<string> {
  const rest = others.map((pattern) => new RegExp(`^(?:${pattern})$`, "u"));
  return fc
    .stringMatching(new RegExp(`^(?:${first})$`))
    .filter((text) => text.length >= minLength && rest.every((pattern) => pattern.test(text)));
}
