import type { Charset } from "./encoding.ts";
import { contentRanges } from "./scan.ts";

/** What stands in the log in place of a secret. */
export const REDACTION_MARK = "***redacted***";

/**
 * Local names of elements that hold a key or password, in whatever namespace: those of the configuration service,
 * those of AddDevice and its relatives, and the password of a WS-Security user name token.
 */
export const SECRET_ELEMENTS: ReadonlySet<string> = new Set([
  "AuthenticationKey",
  "EncryptionKey",
  "secretValue",
  "Master_key",
  "Authentication_key",
  "Global_encryption_unicast_key",
  "Mbus_default_key",
  "Mbus_user_key",
  "Mbus_firmware_update_authentication_key",
  "Mbus_p0_key",
  "Password",
]);

/** A quick look that spares most messages the search; every name above contains one of these. */
const HINT = /key|secretValue|Password/i;

/** One UTF-16 code unit or one octet per character, so that positions are positions in the bytes. */
function unitView(bytes: Buffer, charset: Charset): { text: string; width: 1 | 2 } {
  if (charset === "utf-16le") return { text: bytes.toString("utf16le"), width: 2 };
  if (charset === "utf-16be") {
    const even = bytes.subarray(0, bytes.length & ~1);
    return { text: Buffer.from(even).swap16().toString("utf16le"), width: 2 };
  }
  return { text: bytes.toString("latin1"), width: 1 };
}

function encodeMark(charset: Charset): Buffer {
  const mark = Buffer.from(REDACTION_MARK, charset.startsWith("utf-16") ? "utf16le" : "latin1");
  return charset === "utf-16be" ? mark.swap16() : mark;
}

/** A message with its secrets replaced by a mark, and how many were. */
export interface RedactedMessage {
  readonly body: Uint8Array;
  readonly count: number;
}

/**
 * The message as the log may keep it: the contents of secret elements replaced by a mark, every other octet as it
 * was. `undefined` when there are no secrets: then the log keeps the very same bytes.
 */
export function redact(bytes: Buffer, charset: Charset): RedactedMessage | undefined {
  const { text, width } = unitView(bytes, charset);
  const ranges = HINT.test(text) ? contentRanges(text, SECRET_ELEMENTS) : [];
  if (ranges.length === 0) return undefined;
  const mark = encodeMark(charset);
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const [start, end] of ranges) {
    parts.push(bytes.subarray(from, start * width), mark);
    from = end * width;
  }
  parts.push(bytes.subarray(from));
  return { body: Buffer.concat(parts), count: ranges.length };
}
