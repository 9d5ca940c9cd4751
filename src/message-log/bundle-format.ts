import { encodeLeaf } from "../domain/log-leaf.ts";
import { concatBytes } from "../lib/bytes.ts";
import type { LoggedEntry } from "../store/message-log.ts";

/** First line of a bundle's manifest. */
export const BUNDLE_FORMAT = "metergate-log-bundle/1";

/** What a bundle holds: entries from index `from` to before `to`, of those only the ones that fit what else is given. */
export interface Manifest {
  readonly from: number;
  readonly to: number;
  readonly organisation?: string | undefined;
  readonly device?: string | undefined;
  readonly uid?: string | undefined;
}

/** A bundle is not written as it must be; the text says where. */
export class BundleError extends Error {
  readonly code = "BUNDLE_INVALID";
  constructor(message: string) {
    super(message);
    this.name = "BundleError";
  }
}

const FILTERS = ["organisation", "device", "uid"] as const;

/** Whether a bundle has all entries of its range. */
export function isComplete(manifest: Manifest): boolean {
  return FILTERS.every((name) => manifest[name] === undefined);
}

/** Lines of a name, a space and a value; values of filters as JSON texts. */
export function formatManifest(manifest: Manifest): string {
  const { from, to } = manifest;
  const filters = FILTERS.filter((name) => manifest[name] !== undefined);
  const lines = [
    BUNDLE_FORMAT,
    `from ${from}`,
    `to ${to}`,
    ...filters.map((name) => `${name} ${JSON.stringify(manifest[name])}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** @throws BundleError */
export function parseManifest(text: string): Manifest {
  const values: Record<string, string> = {};
  const [format, ...lines] = text.split("\n");
  if (format !== BUNDLE_FORMAT) throw new BundleError(`manifest: its first line is not ${BUNDLE_FORMAT}`);
  for (const line of lines) {
    const [, name = "", value = ""] = /^(organisation|device|uid) (".*")$/.exec(line) ?? [];
    if (name !== "") values[name] = parseText(value);
  }
  const manifest = { from: numberIn(lines[0], "from"), to: numberIn(lines[1], "to"), ...values };
  // What is written anew is the same: nothing stands in it that nobody has looked at.
  if (formatManifest(manifest) !== text) throw new BundleError("manifest: it is not written as it must be");
  return manifest;
}

function parseText(value: string): string {
  try {
    return JSON.parse(value);
  } catch {
    throw new BundleError("manifest: a text is not one of JSON");
  }
}

function numberIn(line: string | undefined, name: string): number {
  const [, digits] = /^\w+ (0|[1-9]\d{0,15})$/.exec(line ?? "") ?? [];
  if (digits === undefined || !line!.startsWith(`${name} `))
    throw new BundleError(`manifest: it has no line "${name}"`);
  return Number(digits);
}

/**
 * An entry in the file `entries`: a line with index, salt (hexadecimal, `-` when there is none), octets of the leaf and
 * of the payload (`erased` when it is gone), then the leaf and the payload, each with a newline behind it.
 */
export function formatRecord({ leaf, stored, salt }: LoggedEntry): Uint8Array {
  const encoded = encodeLeaf(leaf);
  const saltText = stored && salt && salt.length > 0 ? Buffer.from(salt).toString("hex") : "-";
  const head = `${leaf.index} ${saltText} ${encoded.length} ${stored?.length ?? "erased"}\n`;
  return concatBytes(Buffer.from(head), encoded, Buffer.from("\n"), stored ?? new Uint8Array(), Buffer.from("\n"));
}

/** An entry as it stands in a bundle. It is the reader's own until the next one is asked for, and then another one. */
export interface BundleRecord {
  readonly index: number;
  /** Octets that may be written over: the one in front of the leaf, and the 16 in front of the payload once it is read. */
  readonly buffer: Buffer;
  readonly leafAt: number;
  readonly leafLength: number;
  /** In hexadecimal digits; empty when there is none. */
  readonly salt: string;
  readonly payloadAt: number;
  /** Undefined when it is erased. */
  readonly payloadLength: number | undefined;
}

const HEAD = /^(0|[1-9]\d{0,15}) (-|[0-9a-f]{32}) ([1-9]\d{0,4}) (erased|0|[1-9]\d{0,9})$/;
const LONGEST_HEAD = 80;
const NEWLINE = 0x0a;

/** Reads the file `entries`, chunk by chunk. @throws BundleError that says at which octet */
export function* readRecords(chunks: Iterable<Uint8Array>): Generator<BundleRecord> {
  const source = chunks[Symbol.iterator]();
  let buffer = Buffer.alloc(0);
  let at = 0;
  // One object for all: a bundle has millions of entries.
  const record: { -readonly [Name in keyof BundleRecord]: BundleRecord[Name] } = {
    ...{ index: 0, buffer, leafAt: 0, leafLength: 0, salt: "", payloadAt: 0, payloadLength: undefined },
  };
  let before = 0;
  const fail = (what: string): never => {
    throw new BundleError(`entries, octet ${before + at}: ${what}`);
  };
  /** Has at least `length` octets in the buffer from `at` on, if the file has as many. */
  const fill = (length: number): boolean => {
    let have = buffer.length - at;
    if (have >= length) return true;
    const parts: Uint8Array[] = [buffer.subarray(at)];
    while (have < length) {
      const next = source.next();
      if (next.done) break;
      parts.push(next.value);
      have += next.value.length;
    }
    before += at;
    at = 0;
    buffer = Buffer.concat(parts);
    return have >= length;
  };
  while (fill(1)) {
    fill(LONGEST_HEAD);
    const end = buffer.indexOf(NEWLINE, at);
    const [, index = "", salt = "", leafLength = "", payload = ""] =
      HEAD.exec(buffer.toString("latin1", at, Math.max(at, end))) ?? [];
    if (index === "") fail("this is no line with index, salt and lengths");
    const payloadLength = payload === "erased" ? undefined : Number(payload);
    const headLength = end + 1 - at;
    const length = headLength + Number(leafLength) + 1 + (payloadLength ?? 0) + 1;
    if (!fill(length)) fail(`the file ends within entry ${index}`);
    const leafAt = at + headLength;
    const payloadAt = leafAt + Number(leafLength) + 1;
    if (buffer[payloadAt - 1] !== NEWLINE || buffer[at + length - 1] !== NEWLINE)
      fail(`the lengths of entry ${index} are wrong`);
    record.index = Number(index);
    record.buffer = buffer;
    record.leafAt = leafAt;
    record.leafLength = Number(leafLength);
    record.salt = salt === "-" ? "" : salt;
    record.payloadAt = payloadAt;
    record.payloadLength = payloadLength;
    yield record;
    at += length;
  }
}
