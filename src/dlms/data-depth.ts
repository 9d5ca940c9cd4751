import type { ByteReader } from "./byte-reader.ts";
import { DlmsError, invalidValue } from "./errors.ts";

/** Arrays, structures and type descriptions may be nested this deep; COSEM interface classes need fewer than ten levels. */
export const MAX_DATA_DEPTH = 64;

/** Throws when a value to encode, which `depth` levels surround, may have no elements any more. */
export function checkLocalDepth(depth: number): void {
  if (depth >= MAX_DATA_DEPTH) throw invalidValue(`more than ${MAX_DATA_DEPTH} levels of nesting`);
}

/** Throws when a value to decode, which `depth` levels surround, may have no elements any more. */
export function checkRemoteDepth(reader: ByteReader, depth: number): void {
  if (depth < MAX_DATA_DEPTH) return;
  const context = { offset: reader.offset, limit: MAX_DATA_DEPTH };
  const message = `more than ${MAX_DATA_DEPTH} levels of nesting (at octet ${reader.offset})`;
  throw new DlmsError("remote/too-large", message, context);
}
