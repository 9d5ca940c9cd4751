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
  /** Where the 32 hexadecimal digits of the salt are; -1 when there is none. */
  readonly saltAt: number;
  readonly leafAt: number;
  readonly leafLength: number;
  readonly payloadAt: number;
  /** Undefined when it is erased. */
  readonly payloadLength: number | undefined;
}

/** Digits, a space, the salt, and the like: what is longer is none. */
const LONGEST_HEAD = 80;
const MOST_DIGITS = { index: 16, leaf: 5, payload: 10 };
const SALT_DIGITS = 32;
const [NEWLINE, SPACE, DASH, ZERO, NINE, LOWER_A, LOWER_F] = [...Buffer.from("\n -09af")] as [number, ...number[]];
const ERASED = Buffer.from("erased");

/** Reads the first line of a record, octet by octet: there are millions of them. */
class HeadReader {
  #buffer: Buffer = Buffer.alloc(0);
  at = 0;

  start(buffer: Buffer, at: number): void {
    this.#buffer = buffer;
    this.at = at;
  }

  /** A number without leading zeroes; -1 when there is none. */
  number(mostDigits: number): number {
    const start = this.at;
    let value = 0;
    for (; this.at - start < mostDigits; this.at++) {
      const octet = this.#buffer[this.at]!;
      if (!(octet >= ZERO! && octet <= NINE!)) break;
      value = value * 10 + octet - ZERO!;
    }
    const digits = this.at - start;
    return digits === 0 || (digits > 1 && this.#buffer[start] === ZERO) ? -1 : value;
  }

  takes(octet: number): boolean {
    if (this.#buffer[this.at] !== octet) return false;
    this.at += 1;
    return true;
  }

  /** Where the digits of the salt are, -1 for a dash; undefined when it is neither. */
  salt(): number | undefined {
    if (this.takes(DASH!)) return -1;
    const start = this.at;
    for (const end = start + SALT_DIGITS; this.at < end; this.at++) {
      const octet = this.#buffer[this.at]!;
      const isDigit = (octet >= ZERO! && octet <= NINE!) || (octet >= LOWER_A! && octet <= LOWER_F!);
      if (!isDigit) return undefined;
    }
    return start;
  }

  takesErased(): boolean {
    if (this.#buffer[this.at] !== ERASED[0] || ERASED.compare(this.#buffer, this.at, this.at + ERASED.length) !== 0)
      return false;
    this.at += ERASED.length;
    return true;
  }
}

/**
 * Reads the file `entries`, chunk by chunk.
 * @param before octets of the file in front of the first chunk
 * @throws BundleError that says at which octet
 */
export function* readRecords(chunks: Iterable<Uint8Array>, before = 0): Generator<BundleRecord> {
  const source = chunks[Symbol.iterator]();
  const head = new HeadReader();
  let buffer: Buffer = Buffer.alloc(0);
  let at = 0;
  let passed = before;
  // One object for all: a bundle has millions of entries.
  const record: { -readonly [Name in keyof BundleRecord]: BundleRecord[Name] } = {
    ...{ index: 0, buffer, saltAt: -1, leafAt: 0, leafLength: 0, payloadAt: 0, payloadLength: undefined },
  };
  const fail = (what: string): never => {
    throw new BundleError(`entries, octet ${passed + at}: ${what}`);
  };
  /** Has at least `length` octets in the buffer from `at` on, if the file has as many. */
  const fill = (length: number): boolean => {
    let have = buffer.length - at;
    if (have >= length) return true;
    const parts: Uint8Array[] = have > 0 ? [buffer.subarray(at)] : [];
    while (have < length) {
      const next = source.next();
      if (next.done) break;
      parts.push(next.value);
      have += next.value.length;
    }
    passed += at;
    at = 0;
    const [only] = parts;
    buffer = parts.length === 1 && only ? Buffer.from(only.buffer, only.byteOffset, only.length) : Buffer.concat(parts);
    return have >= length;
  };
  /** @returns octets of the record behind its head; undefined when the head is none */
  const readHead = (): number | undefined => {
    head.start(buffer, at);
    record.index = head.number(MOST_DIGITS.index);
    if (record.index < 0 || !head.takes(SPACE!)) return undefined;
    const saltAt = head.salt();
    if (saltAt === undefined || !head.takes(SPACE!)) return undefined;
    record.saltAt = saltAt;
    record.leafLength = head.number(MOST_DIGITS.leaf);
    if (record.leafLength <= 0 || !head.takes(SPACE!)) return undefined;
    record.payloadLength = head.takesErased() ? undefined : head.number(MOST_DIGITS.payload);
    if (record.payloadLength === -1 || !head.takes(NEWLINE!)) return undefined;
    return record.leafLength + 1 + (record.payloadLength ?? 0) + 1;
  };
  while (fill(1)) {
    fill(LONGEST_HEAD);
    const rest = readHead();
    if (rest === undefined) return fail("this is no line with index, salt and lengths");
    const length = head.at - at + rest;
    if (!fill(length)) fail(`the file ends within entry ${record.index}`);
    // What was read of the head stands elsewhere when the buffer is another one now.
    if (buffer !== record.buffer) {
      record.buffer = buffer;
      readHead();
    }
    record.leafAt = head.at;
    record.payloadAt = head.at + record.leafLength + 1;
    if (buffer[record.payloadAt - 1] !== NEWLINE || buffer[at + length - 1] !== NEWLINE)
      fail(`the lengths of entry ${record.index} are wrong`);
    yield record;
    at += length;
  }
}
