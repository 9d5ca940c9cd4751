/** What a server of the Tabular Data Stream protocol (MS-TDS, version 7.4) answers with. */

/** A column by what kind of value it has. */
export type Kind = "bigint" | "int" | "smallint" | "float" | "bit" | "text" | "octets";

export interface Column {
  readonly name: string;
  readonly kind: Kind;
}

const u8 = (value: number) => Buffer.of(value);
const u16 = (value: number) => {
  const octets = Buffer.alloc(2);
  octets.writeUInt16LE(value);
  return octets;
};
const u32 = (value: number) => {
  const octets = Buffer.alloc(4);
  octets.writeUInt32LE(value >>> 0);
  return octets;
};
const u64 = (value: number) => {
  const octets = Buffer.alloc(8);
  octets.writeBigInt64LE(BigInt(value));
  return octets;
};
const ucs2 = (text: string) => Buffer.from(text, "utf16le");
const shortText = (text: string) => Buffer.concat([u8(text.length), ucs2(text)]);
const withLength = (token: number, body: Buffer) => Buffer.concat([u8(token), u16(body.length), body]);

const COLLATION = Buffer.from("0904d00034", "hex");
const MAX = u16(0xffff);
/** TYPE_INFO of each kind; texts and octets are of any length. */
const TYPE_INFO: Readonly<Record<Kind, Buffer>> = {
  bigint: Buffer.of(0x26, 8),
  int: Buffer.of(0x26, 4),
  smallint: Buffer.of(0x26, 2),
  float: Buffer.of(0x6d, 8),
  bit: Buffer.of(0x68, 1),
  text: Buffer.concat([u8(0xe7), MAX, COLLATION]),
  octets: Buffer.concat([u8(0xa5), MAX]),
};
const SIZES: Readonly<Partial<Record<Kind, number>>> = { bigint: 8, int: 4, smallint: 2, bit: 1 };
const NULLABLE = 0x0009;
const CHUNK = 4_000;

/** A value of any length, in chunks. */
function chunks(octets: Buffer): Buffer {
  const parts: Buffer[] = [u64(octets.length)];
  for (let at = 0; at < octets.length; at += CHUNK) {
    const part = octets.subarray(at, at + CHUNK);
    parts.push(u32(part.length), part);
  }
  return Buffer.concat([...parts, u32(0)]);
}

function valueToken(kind: Kind, value: unknown): Buffer {
  const isLong = kind === "text" || kind === "octets";
  if (value === null || value === undefined) return isLong ? Buffer.alloc(8, 0xff) : u8(0);
  if (kind === "text") return chunks(ucs2(String(value)));
  if (kind === "octets") return chunks(Buffer.from(value as Uint8Array));
  if (kind === "float") {
    const octets = Buffer.alloc(9, 8);
    octets.writeDoubleLE(Number(value), 1);
    return octets;
  }
  const size = SIZES[kind]!;
  return Buffer.concat([u8(size), u64(Number(value)).subarray(0, size)]);
}

export function columnsToken(columns: readonly Column[]): Buffer {
  const each = columns.map(({ name, kind }) =>
    Buffer.concat([u32(0), u16(NULLABLE), TYPE_INFO[kind], shortText(name)]),
  );
  return Buffer.concat([u8(0x81), u16(columns.length), ...each]);
}

export function rowToken(columns: readonly Column[], row: readonly unknown[]): Buffer {
  return Buffer.concat([u8(0xd1), ...columns.map(({ kind }, at) => valueToken(kind, row[at]))]);
}

const DONE = { batch: 0xfd, procedure: 0xfe, statement: 0xff } as const;

export interface Ending {
  readonly more?: boolean;
  readonly failed?: boolean;
  readonly cancelled?: boolean;
  readonly count?: number | undefined;
}

/** How a statement, a procedure or a batch ended. */
export function doneToken(of: keyof typeof DONE, { more, failed, cancelled, count }: Ending = {}): Buffer {
  const flags = (more ? 1 : 0) | (failed ? 2 : 0) | (count === undefined ? 0 : 0x10) | (cancelled ? 0x20 : 0);
  return Buffer.concat([u8(DONE[of]), u16(flags), u16(0), u64(count ?? 0)]);
}

export const RETURN_STATUS = Buffer.concat([u8(0x79), u32(0)]);

export interface ServerError {
  readonly number: number;
  readonly severity: number;
  readonly message: string;
}

export function errorToken({ number, severity, message }: ServerError): Buffer {
  const text = message.slice(0, 2_000);
  const body = [
    u32(number),
    u8(1),
    u8(severity),
    u16(text.length),
    ucs2(text),
    shortText("played"),
    shortText(""),
    u32(1),
  ];
  return withLength(0xaa, Buffer.concat(body));
}

const CHANGES = { begun: 8, committed: 9, rolledBack: 10 } as const;

/** A transaction began or ended. */
export function transactionToken(change: keyof typeof CHANGES, descriptor: Buffer): Buffer {
  const named = Buffer.concat([u8(descriptor.length), descriptor]);
  const values = change === "begun" ? [named, u8(0)] : [u8(0), named];
  return withLength(0xe3, Buffer.concat([u8(CHANGES[change]), ...values]));
}

export function loginTokens(database: string): Buffer {
  const version = Buffer.from("74000004", "hex");
  const acknowledged = Buffer.concat([u8(1), version, shortText("played"), Buffer.of(16, 0, 0, 0)]);
  const changed = Buffer.concat([u8(1), shortText(database), shortText("master")]);
  return Buffer.concat([withLength(0xe3, changed), withLength(0xad, acknowledged), doneToken("batch")]);
}

/** Says that nothing is ciphered here. */
export const PRELOGIN = Buffer.concat([
  ...[Buffer.from("000010000601001600010200170001ff", "hex")],
  ...[Buffer.from("100000000000", "hex"), u8(2), u8(0)],
]);
