import type { CosemData } from "../../dlms/data.ts";

/**
 * What a value must look like to be taken: a plain type, an octet-string or bit-string of a fixed size, an enum with
 * known members, an array or structure of such, or one of several.
 */
export type Shape =
  | CosemData["type"]
  /** An octet-string with this number of octets. */
  | { readonly octets: number }
  /** A bit-string with this number of bits. */
  | { readonly bits: number }
  | { readonly enum: readonly number[] }
  | { readonly array: Shape; readonly most?: number }
  | { readonly structure: readonly Shape[] }
  | { readonly oneOf: readonly Shape[] };

/** True when `value` has the type, sizes and members that `shape` asks for. */
export function fitsShape(value: CosemData, shape: Shape): boolean {
  if (typeof shape === "string") return value.type === shape;
  if ("octets" in shape) return value.type === "octet-string" && value.value.length === shape.octets;
  if ("bits" in shape) return value.type === "bit-string" && value.value.length === shape.bits;
  if ("enum" in shape) return value.type === "enum" && shape.enum.includes(value.value);
  if ("oneOf" in shape) return shape.oneOf.some((option) => fitsShape(value, option));
  if ("array" in shape) {
    if (value.type !== "array" || value.value.length > (shape.most ?? Number.POSITIVE_INFINITY)) return false;
    return value.value.every((element) => fitsShape(element, shape.array));
  }
  if (value.type !== "structure" || value.value.length !== shape.structure.length) return false;
  return value.value.every((element, i) => fitsShape(element, shape.structure[i]!));
}

export const LOGICAL_NAME: Shape = { octets: 6 };
export const DATE_TIME: Shape = { octets: 12 };
export const DATE: Shape = { octets: 5 };
export const TIME: Shape = { octets: 4 };
export const SCALER_UNIT: Shape = { structure: ["integer", "enum"] };

/** capture_object_definition: class, logical name, attribute, data index. */
export const OBJECT_DEFINITION: Shape = { structure: ["long-unsigned", LOGICAL_NAME, "integer", "long-unsigned"] };
