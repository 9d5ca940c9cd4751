import { fromHex, toHex } from "../../lib/bytes.ts";
import { printable } from "./values.ts";

/*
 * Records whose elements are called as their properties are, but for the first letter. A property whose name ends with Ms
 * is a time, one that ends with Hex is octets.
 */

type ElementOf<Name> = Name extends `${infer Stem}Ms`
  ? Capitalize<Stem>
  : Name extends `${infer Stem}Hex`
    ? Capitalize<Stem>
    : Name extends string
      ? Capitalize<Name>
      : never;

type ValueOf<Name, Value> = Value extends undefined
  ? undefined
  : Name extends `${string}Ms`
    ? Date
    : Name extends `${string}Hex`
      ? Uint8Array
      : Wire<Value>;

/** How a record looks as elements. */
export type Wire<T> = T extends readonly (infer Item)[]
  ? readonly Wire<Item>[]
  : T extends object
    ? { readonly [Name in keyof T as ElementOf<Name>]: ValueOf<Name, T[Name]> }
    : T;

/** A record as elements. */
function toElements<T extends object>(record: T): Wire<T> {
  const entries = Object.entries(record).flatMap(([name, value]) => {
    if (value === undefined) return [];
    if (name.endsWith("Ms")) return [[capitalised(name.slice(0, -2)), new Date(value as number)]];
    if (name.endsWith("Hex")) return [[capitalised(name.slice(0, -3)), fromHex(value as string)]];
    return [[capitalised(name), toValue(value)]];
  });
  return Object.fromEntries(entries) as Wire<T>;
}

function toValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toValue);
  if (typeof value === "object" && value !== null) return toElements(value);
  return typeof value === "string" ? printable(value) : value;
}

/** Elements as the record that they are. */
function fromElements<T extends object>(elements: Wire<T>): T {
  const entries = Object.entries(elements).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const stem = name[0]!.toLowerCase() + name.slice(1);
    if (value instanceof Date) return [[`${stem}Ms`, value.getTime()]];
    if (value instanceof Uint8Array) return [[`${stem}Hex`, toHex(value)]];
    return [[stem, fromValue(value)]];
  });
  return Object.fromEntries(entries) as T;
}

function fromValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromValue);
  return typeof value === "object" && value !== null ? fromElements(value) : value;
}

function capitalised(name: string): string {
  return name[0]!.toUpperCase() + name.slice(1);
}

/** What a request asks for whose elements, but for the device, are such a record. */
export function askedFor<T extends object>({
  DeviceIdentification: _,
  ...elements
}: Wire<T> & { readonly DeviceIdentification: string }): T {
  return fromElements(elements as unknown as Wire<T>);
}

/** The response whose elements, but for the result, are such a record. */
export function answered<T extends object>(result: T): { readonly Result: "OK" } & Wire<T> {
  return { Result: "OK", ...toElements(result) };
}
