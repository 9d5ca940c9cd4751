import type { CosemData } from "../../../dlms/data.ts";

/**
 * What the public contract's clients know of each data type: its name, what kind of data it "is", and the class that
 * its value has in the platform that the text comes from.
 */
const TYPES: Readonly<Record<CosemData["type"], readonly [choice: string, kind: string, valueClass: string]>> = {
  "null-data": ["NULL_DATA", "Null", "null"],
  array: ["ARRAY", "Complex", "java.util.LinkedList"],
  structure: ["STRUCTURE", "Complex", "java.util.LinkedList"],
  "compact-array": ["COMPACT_ARRAY", "Complex", "org.openmuc.jdlms.datatypes.CompactArray"],
  boolean: ["BOOLEAN", "Boolean", "java.lang.Boolean"],
  "bit-string": ["BIT_STRING", "BitString", "org.openmuc.jdlms.datatypes.BitString"],
  "double-long": ["DOUBLE_LONG", "Number", "java.lang.Integer"],
  "double-long-unsigned": ["DOUBLE_LONG_UNSIGNED", "Number", "java.lang.Long"],
  "octet-string": ["OCTET_STRING", "ByteArray", "[B"],
  "visible-string": ["VISIBLE_STRING", "ByteArray", "[B"],
  "utf8-string": ["UTF8_STRING", "ByteArray", "[B"],
  bcd: ["BCD", "Number", "java.lang.Byte"],
  integer: ["INTEGER", "Number", "java.lang.Byte"],
  long: ["LONG_INTEGER", "Number", "java.lang.Short"],
  unsigned: ["UNSIGNED", "Number", "java.lang.Short"],
  "long-unsigned": ["LONG_UNSIGNED", "Number", "java.lang.Integer"],
  long64: ["LONG64", "Number", "java.lang.Long"],
  "long64-unsigned": ["LONG64_UNSIGNED", "Number", "java.lang.Long"],
  enum: ["ENUMERATE", "Number", "java.lang.Integer"],
  float32: ["FLOAT32", "Number", "java.lang.Float"],
  float64: ["FLOAT64", "Number", "java.lang.Double"],
  "date-time": ["DATE_TIME", "CosemDateFormat", "org.openmuc.jdlms.datatypes.CosemDateTime"],
  date: ["DATE", "CosemDateFormat", "org.openmuc.jdlms.datatypes.CosemDate"],
  time: ["TIME", "CosemDateFormat", "org.openmuc.jdlms.datatypes.CosemTime"],
  "delta-integer": ["DELTA_INTEGER", "Number", "java.lang.Byte"],
  "delta-long": ["DELTA_LONG", "Number", "java.lang.Short"],
  "delta-double-long": ["DELTA_DOUBLE_LONG", "Number", "java.lang.Integer"],
  "delta-unsigned": ["DELTA_UNSIGNED", "Number", "java.lang.Short"],
  "delta-long-unsigned": ["DELTA_LONG_UNSIGNED", "Number", "java.lang.Integer"],
  "delta-double-long-unsigned": ["DELTA_DOUBLE_LONG_UNSIGNED", "Number", "java.lang.Long"],
  "dont-care": ["DONT_CARE", "?", "null"],
};

/** Fields of a date-time with their octets; each is printed as a signed number, "not specified" thus as −1. */
function formatDateTimeOctets(octets: Uint8Array): string {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const fields = ["month", "day", "weekday", "hour", "minute", "second", "hundredths"];
  const texts = fields.map((name, i) => `${name}=${view.getInt8(i + 2)}`);
  return [
    `year=${view.getInt16(0)}`,
    ...texts,
    `deviation=${view.getInt16(9)}`,
    `clockstatus=${view.getInt8(11)}`,
  ].join(", ");
}

/** Six octets are taken for a logical name, twelve for a date-time. */
function formatOctets(octets: Uint8Array): string {
  if (octets.length === 6) {
    const [a, b, c, d, e, f] = octets;
    return `logical name: ${a}-${b}:${c}.${d}.${e}.${f}`;
  }
  if (octets.length === 12) return formatDateTimeOctets(octets);
  return `bytes[${octets.join(", ")}]`;
}

function formatBits(bytes: Uint8Array): string {
  if (bytes.length === 0) return "number of bytes=0, value=null, bits=null";
  const value = bytes.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
  const bits = [...bytes].map((octet) => `${octet.toString(2).padStart(8, "0")} `).join("");
  return `number of bytes=${bytes.length}, value=${value}, bits=${bits}`;
}

function formatContent(data: CosemData): string {
  switch (data.type) {
    case "null-data":
    case "dont-care":
      return "null";
    case "array":
    case "structure":
    case "compact-array":
      return `[\n${data.value.map((element) => `\t${formatDebugText(element)}\n`).join("")}]\n`;
    case "octet-string":
    case "date-time":
    case "date":
    case "time":
      return formatOctets(data.value);
    case "visible-string":
    case "utf8-string":
      return formatOctets(Buffer.from(data.value, data.type === "utf8-string" ? "utf8" : "latin1"));
    case "bit-string":
      return formatBits(data.value.bytes);
    default:
      return String(data.value);
  }
}

/** A value with its type as text, in the form that clients of the public contract know from GetSpecificAttributeValue. */
export function formatDebugText(data: CosemData): string {
  const [choice, kind, valueClass] = TYPES[data.type];
  return `DataObject: Choice=${choice}, ResultData is${kind}, value=[${valueClass}]: ${formatContent(data)}`;
}
