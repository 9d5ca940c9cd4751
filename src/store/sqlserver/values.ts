import mssql, { type IRecordSet, type ISqlType } from "mssql";
import type { SqlValue } from "../server/session.ts";
import { listOf } from "./statements.ts";
import { fromStored, toStored } from "./texts.ts";

/** Longer texts are of another type, which no index is looked up by. */
const MOST_CHARACTERS = 4_000;

function textOf(text: string): { type: ISqlType; value: string } {
  const value = toStored(text);
  return { type: mssql.NVarChar(value.length > MOST_CHARACTERS ? mssql.MAX : MOST_CHARACTERS), value };
}

/** What a parameter is bound as. */
export function typed(value: SqlValue): { readonly type: ISqlType; readonly value: unknown } {
  // The type that all others are preferred to: of several rows, it decides nothing.
  if (value === null) return { type: mssql.VarBinary(1), value };
  if (typeof value === "string") return textOf(value);
  if (typeof value === "number") return { type: Number.isInteger(value) ? mssql.BigInt() : mssql.Float(), value };
  if (value instanceof Uint8Array) {
    const octets = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return { type: mssql.VarBinary(mssql.MAX), value: octets };
  }
  const items = value.map((item) => (typeof item === "string" ? toStored(item) : item));
  return { type: mssql.NVarChar(mssql.MAX), value: JSON.stringify(items) };
}

/** A statement with names in place of its marks, as `typed` binds what it was given. */
export function named(sql: string, values: readonly SqlValue[]): string {
  let at = 0;
  return sql.replaceAll("?", () => {
    const value = values[at];
    at += 1;
    return Array.isArray(value) ? listOf(`@p${at}`, value) : `@p${at}`;
  });
}

type Row = Record<string, unknown>;

/** Rows with numbers as numbers (all of ours are below 2^53) and octets as the reader's own. */
export function toRows(recordset: IRecordSet<Row>): Row[] {
  const numbers = new Set(
    Object.values(recordset.columns).flatMap(({ name, type }) => (type === mssql.BigInt ? [name] : [])),
  );
  const convert = (name: string, value: unknown) => {
    if (typeof value === "string") return numbers.has(name) ? Number(value) : fromStored(value);
    return Buffer.isBuffer(value) ? new Uint8Array(value) : value;
  };
  return recordset.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, convert(name, value)])),
  );
}
