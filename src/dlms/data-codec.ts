import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { readCompactArray, writeCompactArray } from "./compact-array-codec.ts";
import type { CosemData } from "./data.ts";
import { checkLocalDepth, checkRemoteDepth } from "./data-depth.ts";
import { invalidValue } from "./errors.ts";
import { DATA_TAGS, DATA_TYPES, readSimple, writeSimple } from "./simple-data-codec.ts";

/**
 * Encodes one value in A-XDR, tag first.
 * @throws DlmsError `local/invalid-value` when a value does not fit its type, or nesting exceeds {@link MAX_DATA_DEPTH}.
 */
export function encodeData(data: CosemData): Uint8Array {
  const writer = new ByteWriter();
  writeData(writer, data);
  return writer.finish();
}

/**
 * Decodes one value that takes up all of the octets. Octet-strings, bit-strings and date-times in it are views of `bytes`.
 * @throws DlmsError `remote/truncated`, `remote/malformed`, or `remote/too-large` when nesting exceeds {@link MAX_DATA_DEPTH}.
 */
export function decodeData(bytes: Uint8Array): CosemData {
  const reader = new ByteReader(bytes);
  const data = readData(reader);
  reader.expectEnd("value");
  return data;
}

/** As {@link encodeData}, at the end of what the writer holds. `depth` is how many levels surround the value. */
export function writeData(writer: ByteWriter, data: CosemData, depth = 0): void {
  const tag = DATA_TAGS[data.type];
  if (tag === undefined) throw invalidValue(`no COSEM data type: ${String(data.type)}`);
  writer.unsigned8(tag);
  switch (data.type) {
    case "array":
    case "structure":
      checkLocalDepth(depth);
      writer.writeLength(data.value.length);
      for (const element of data.value) writeData(writer, element, depth + 1);
      break;
    case "compact-array":
      writeCompactArray(writer, data, depth);
      break;
    default:
      writeSimple(writer, data);
      break;
  }
}

/** As {@link decodeData}, from where the reader stands; what follows the value is left. */
export function readData(reader: ByteReader, depth = 0): CosemData {
  const type = DATA_TYPES[reader.unsigned8()];
  switch (type) {
    case undefined:
      throw reader.malformed("no COSEM data type has this tag", 1);
    case "array":
    case "structure": {
      checkRemoteDepth(reader, depth);
      const count = reader.count();
      const value: CosemData[] = [];
      for (let i = 0; i < count; i++) value.push(readData(reader, depth + 1));
      return { type, value };
    }
    case "compact-array":
      return readCompactArray(reader, depth);
    default:
      return readSimple(reader, type);
  }
}
