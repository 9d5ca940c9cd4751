import type { Context } from "./context.ts";
import type { Charset } from "./encoding.ts";
import { contentRanges } from "./secret-ranges.ts";

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
const NAMES = [...SECRET_ELEMENTS].join("|");
/** A secret's name, wherever it stands and in whatever case. */
const MENTION = new RegExp(`(?<![\\w])(?:${NAMES})(?![\\w])`, "gi");
/** One tag of a secret element as every toolkit writes it: a prefix at most, and no attribute that is not checked. */
const SECRET_TAG = new RegExp(`</?(?:[\\w.-]+:)?(?:${NAMES})(?=[\\s/>])`, "g");

/** The message as the log keeps it instead, and how many of its parts were replaced. */
export interface Kept {
  readonly body: Uint8Array;
  readonly count: number;
}

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

/** The contents of secret elements replaced by a mark, every other octet as it was; undefined when there are none. */
export function redact(bytes: Buffer, charset: Charset): Kept | undefined {
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

const ATTRIBUTE = /\s([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
/** Attributes that toolkits write; all others could hold anything. */
const HARMLESS_ATTRIBUTE =
  /^(?:xmlns|xmlns:[\w.-]+|(?:[\w.-]+:)?(?:mustUnderstand|actor|encodingStyle|nil|type|Id|Type|EncodingType)|version|encoding|standalone)$/;
const HARMLESS_NAMESPACE =
  /^(?:http:\/\/(?:schemas\.xmlsoap\.org|www\.w3\.org|www\.opensmartgridplatform\.org|docs\.oasis-open\.org|xml\.apache\.org)\/[\w.:/#-]*|[\w.:/#-]{0,60})?$/;
/** Eight octets in hexadecimal or more than any word in one run: what a key could be a part of. */
const KEY_LIKE = /[0-9A-Fa-f]{16}|[A-Za-z0-9+]{40}/;

/**
 * Whether a redacted message can be kept without a doubt: no comment or CDATA section that could hold a secret, no secret's
 * name but in the tags whose contents were replaced, no attribute that is not one of the usual.
 */
function isSure({ body }: Kept, charset: Charset): boolean {
  const { text } = unitView(Buffer.from(body), charset);
  if (text.includes("<!")) return false;
  if (text.match(MENTION)?.length !== text.match(SECRET_TAG)?.length) return false;
  for (const [, name = "", double, single] of text.matchAll(ATTRIBUTE)) {
    const value = double ?? single ?? "";
    if (!HARMLESS_ATTRIBUTE.test(name) || !HARMLESS_NAMESPACE.test(value) || KEY_LIKE.test(value)) return false;
  }
  return true;
}

/** In place of a message that could hide a secret anywhere: the entry has its hash, the mark its length and source. */
function byHash({ bytes, source }: Context["message"]): Kept {
  return { body: Buffer.from(`${REDACTION_MARK} ${bytes.length} octets from ${source}`), count: 1 };
}

/**
 * What the log keeps of a message in place of its bytes; undefined when it keeps the very bytes. What did not parse, and
 * what mentions a secret and is not exactly what the contract foresees, is kept by its hash alone.
 */
export function keptOf({ message, charset, isParsed, isValid }: Context): Kept | undefined {
  if (charset === undefined || !isParsed) return byHash(message);
  const { text } = unitView(message.bytes, charset);
  if (!HINT.test(text) || text.search(MENTION) < 0) return undefined;
  const redacted = isValid ? redact(message.bytes, charset) : undefined;
  return redacted && isSure(redacted, charset) ? redacted : byHash(message);
}

/** Octets that are kept of a message whose sender is not known. */
const STRANGERS_SHARE = 1_024;

/** The same for a message whose sender is not known: its first kilobyte, its length and where it came from. */
export function keptOfStranger(context: Context): Kept {
  const { bytes, source } = context.message;
  const kept = keptOf(context);
  const beginning = Buffer.from(kept?.body ?? bytes).subarray(0, STRANGERS_SHARE);
  const mark = Buffer.from(`\n${REDACTION_MARK} the rest of ${bytes.length} octets from ${source}`);
  return { body: Buffer.concat([beginning, mark]), count: (kept?.count ?? 0) + 1 };
}
