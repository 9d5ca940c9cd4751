import * as z from "zod";

/** What values a setting takes: checked by `schema`, described by `allowed`, read from a variable by `fromText`. */
export interface Kind<T> {
  readonly schema: z.ZodType<T>;
  readonly allowed: string;
  readonly fromText: (text: string) => unknown;
  /** Set when a value may hold a password: then no error repeats it. */
  readonly secret?: true;
}

/** A whole number, both bounds included. */
export function integer(lowest: number, highest: number): Kind<number> {
  return {
    schema: z.int().min(lowest).max(highest),
    allowed: `a whole number from ${lowest} to ${highest}`,
    fromText: (text) => (/^-?\d+$/.test(text) ? Number(text) : text),
  };
}

/** Whole numbers by names without spaces: in a variable `a=1 b=2`, each name once. */
export function numbersByName(lowest: number, highest: number): Kind<Readonly<Record<string, number>>> {
  const parse = (text: string): unknown => {
    const parts = text.split(/\s+/).filter((part) => part !== "");
    const pairs = parts.map((part) => /^([^=]+)=(\d+)$/.exec(part) ?? []);
    const isWhole =
      pairs.every(({ length }) => length > 0) && new Set(pairs.map(([, name]) => name)).size === pairs.length;
    return isWhole ? Object.fromEntries(pairs.map(([, name, number]) => [name, Number(number)])) : text;
  };
  return {
    schema: z.record(z.string().regex(/^\S+$/), z.int().min(lowest).max(highest)),
    allowed: `names with whole numbers from ${lowest} to ${highest}, e.g. "a=1 b=2"; in a file an object`,
    fromText: parse,
  };
}

export function oneOf<const T extends readonly string[]>(...values: T): Kind<T[number]> {
  return { schema: z.enum(values), allowed: values.join(", "), fromText: (text) => text };
}

export const flag: Kind<boolean> = {
  schema: z.boolean(),
  allowed: "true, false",
  fromText: (text) => (text === "true" ? true : text === "false" ? false : text),
};

export const path: Kind<string> = { schema: z.string().min(1), allowed: "a path", fromText: (text) => text };

export const host: Kind<string> = {
  schema: z.string().regex(/^[0-9A-Za-z.:_-]+$/),
  allowed: "a host name or IP address",
  fromText: (text) => text,
};

export const httpUrl: Kind<string> = {
  schema: z.url({ protocol: /^https?$/ }),
  allowed: "an http:// or https:// address",
  fromText: (text) => text,
};

/** The address of a server, with one of these schemes; it may hold a password. */
export function serverUrl(...schemes: readonly string[]): Kind<string> {
  const isOne = (value: string) => URL.canParse(value) && schemes.includes(new URL(value).protocol);
  return {
    schema: z.string().refine(isOne),
    allowed: `an address that begins with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`,
    fromText: (text) => text,
    secret: true,
  };
}

/** One thing that operators can set. */
export interface Setting<T> {
  readonly kind: Kind<T>;
  /** Empty for settings that are not quantities. */
  readonly unit: string;
  /** `undefined` only where `defaultText` says what happens then. */
  readonly default: T | undefined;
  readonly defaultText?: string;
  readonly description: string;
}

export function setting<T, D extends T | undefined>(
  kind: Kind<T>,
  defaultValue: D,
  description: string,
  { unit = "", defaultText }: { unit?: string; defaultText?: string } = {},
): Setting<T> & { readonly default: D } {
  return {
    kind,
    unit,
    default: defaultValue,
    description,
    ...(defaultText === undefined ? {} : { defaultText }),
  };
}

/** Settings by the names that they have in the configuration file. */
export type Settings = Readonly<Record<string, Setting<unknown>>>;

/** The type of a setting's value: its kind's, and undefined when it has no default. */
export type ValueOf<S> = S extends { readonly kind: Kind<infer T>; readonly default: infer D }
  ? undefined extends D
    ? T | undefined
    : T
  : never;

/** What settings come to. */
export type ValuesOf<S> = { readonly [N in keyof S]: ValueOf<S[N]> };
