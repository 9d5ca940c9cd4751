import { MetergateError } from "../../domain/errors.ts";
import { type ObisCode, obisFromBytes } from "../../lib/obis.ts";
import type { CaptureObject, PushDestination } from "../../operations/values.ts";
import type { common, smConfiguration } from "../generated/index.ts";
import type { Integer } from "../tables.ts";

/**
 * A whole number within the range that a meter's data type has.
 * @throws MetergateError VALIDATION_ERROR naming the element, the range and the value.
 */
export function inRange(name: string, value: Integer, lowest: number, highest: number): number {
  const number = Number(value);
  if (number >= lowest && number <= highest) return number;
  throw new MetergateError("VALIDATION_ERROR", `${name} must be ${lowest} to ${highest}, not ${value}`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const NOT_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Surrogate}]/gu;

/** Text of a meter with U+FFFD for what no XML document can hold: one odd octet must not cost the whole answer. */
export function printable(text: string): string {
  return text.replace(NOT_XML, "\uFFFD");
}

export function toObis({ a, b, c, d, e, f }: common.ObisCodeValues): ObisCode {
  return obisFromBytes(Uint8Array.of(a, b, c, d, e, f));
}

/** PushObject and CaptureObjectDefinition have the same children. */
export function toCaptureObject(
  definition: common.CaptureObjectDefinition | smConfiguration.PushObject,
): CaptureObject {
  return {
    classId: definition.ClassId,
    logicalName: toObis(definition.LogicalName),
    attribute: definition.AttributeIndex,
    dataIndex: definition.DataIndex,
  };
}

/**
 * @throws MetergateError VALIDATION_ERROR when the host is not printable ASCII (the meter gets `host:port` as such) or
 * the port is none.
 */
export function toDestination(host: string, port: Integer): PushDestination {
  if (!/^[!-~]+$/.test(host)) {
    throw new MetergateError("VALIDATION_ERROR", "Host must be a host name or address of printable ASCII characters");
  }
  return { host, port: inRange("Port", port, 1, 65_535) };
}
