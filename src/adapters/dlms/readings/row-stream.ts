import { ByteReader } from "../../../dlms/byte-reader.ts";
import { asElements, type CosemData } from "../../../dlms/data.ts";
import { decodeData, readData } from "../../../dlms/data-codec.ts";
import { DlmsError } from "../../../dlms/errors.ts";
import { concatBytes } from "../../../lib/bytes.ts";
import { endOfLayout, endOfValue, type Layout, readLayout, readLength } from "./data-scanner.ts";

/** Octets that one entry of a profile may have. The largest of the companion standards has some 200. */
export const MAX_ROW_OCTETS = 0x1_0000;

/** An unfinished entry that is soon looked through again. */
const SMALL_OCTETS = 0x200;

/** What is left of a buffer: so many rows, each a value with its tag, or so many octets of rows without. */
type Rest =
  | { readonly kind: "array"; rows: number }
  | { readonly kind: "compact"; octets: number; readonly layout: Layout; readonly description: Uint8Array };

/**
 * Takes the buffer of a profile apart while it comes: octets in, whatever way they were cut into blocks, and entries out
 * as soon as they are complete. Holds no more than one unfinished entry. An array, a compact-array and null-data, an
 * empty buffer, are understood.
 */
export class RowStream {
  #rest: Rest | undefined;
  #tail: Uint8Array = new Uint8Array();
  /** Octets from which on a large entry is worth another look: one after each of many small blocks would take for ever. */
  #worthwhile = 0;

  /**
   * The rows that are complete with these octets. Strings in them are views of memory that nobody else changes.
   * @throws DlmsError `remote/malformed`, `remote/too-large` for a row of more than {@link MAX_ROW_OCTETS}
   */
  push(octets: Uint8Array): CosemData[] {
    this.#tail = concatBytes(this.#tail, octets);
    if (this.#tail.length < this.#worthwhile) return [];
    return this.#take();
  }

  /**
   * The rows that are left when no more octets come.
   * @throws DlmsError `remote/truncated` when the buffer is not complete
   */
  finish(): CosemData[] {
    const rows = this.#take();
    const complete = this.#rest?.kind === "array" ? this.#rest.rows === 0 : this.#rest?.octets === 0;
    if (!complete) throw new DlmsError("remote/truncated", "a profile's buffer ends before its last entry does");
    return rows;
  }

  #take(): CosemData[] {
    this.#rest ??= this.#begin();
    const rows = this.#rest === undefined ? [] : this.#rowsOf(this.#rest);
    if (this.#tail.length > MAX_ROW_OCTETS) {
      throw new DlmsError("remote/too-large", `an entry of more than ${MAX_ROW_OCTETS} octets`, {
        limit: MAX_ROW_OCTETS,
      });
    }
    this.#worthwhile = this.#tail.length < SMALL_OCTETS ? 0 : this.#tail.length * 2;
    return rows;
  }

  #begin(): Rest | undefined {
    const octets = this.#tail;
    switch (octets[0]) {
      case undefined:
        return undefined;
      case 0x00:
        this.#tail = octets.subarray(1);
        return { kind: "array", rows: 0 };
      case 0x01: {
        const count = readLength(octets, 1);
        if (count) this.#tail = octets.subarray(count.end);
        return count && { kind: "array", rows: count.length };
      }
      case 0x13: {
        const description = readLayout(octets, 1);
        const contents = description && readLength(octets, description.end);
        if (!contents) return undefined;
        this.#tail = octets.subarray(contents.end);
        const { layout, end } = description;
        return { kind: "compact", octets: contents.length, layout, description: octets.slice(1, end) };
      }
      default:
        throw new DlmsError("remote/unexpected-type", `a profile's buffer begins with a tag of ${octets[0]}`);
    }
  }

  #rowsOf(rest: Rest): CosemData[] {
    const octets = this.#tail;
    const start = 0;
    let end = start;
    let rows = 0;
    while (rest.kind === "array" ? rows < rest.rows : end < rest.octets) {
      const next = rest.kind === "array" ? endOfValue(octets, end) : endOfLayout(octets, end, rest.layout);
      if (next === undefined) break;
      if (next === end) throw new DlmsError("remote/malformed", "the entries of a profile's buffer take no octets");
      end = next;
      rows++;
    }
    const complete = octets.subarray(start, end);
    this.#tail = octets.subarray(end);
    if (rest.kind === "array") rest.rows -= rows;
    else rest.octets -= end;
    const done = rest.kind === "array" ? rest.rows === 0 : rest.octets <= 0;
    if ((done && this.#tail.length > 0) || (rest.kind === "compact" && rest.octets < 0)) {
      throw new DlmsError("remote/malformed", "a profile's buffer ends elsewhere than its entries do");
    }
    if (rest.kind === "array") return valuesIn(complete);
    if (rows === 0) return [];
    const whole = concatBytes(Uint8Array.of(0x13), rest.description, length(end), complete);
    return [...asElements(decodeData(whole))];
  }
}

/** Values with their tags, one behind the other. */
function valuesIn(octets: Uint8Array): CosemData[] {
  const reader = new ByteReader(octets);
  const values: CosemData[] = [];
  while (reader.remaining > 0) values.push(readData(reader, 1));
  return values;
}

function length(value: number): Uint8Array {
  if (value < 0x80) return Uint8Array.of(value);
  return Uint8Array.of(0x84, value >>> 24, value >>> 16, value >>> 8, value);
}
