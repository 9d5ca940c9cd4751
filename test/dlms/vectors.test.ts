import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { decodeHdlcParameters } from "../../src/dlms/hdlc-parameters.ts";
import {
  type DlmsErrorCode,
  dateTimeToEpochMs,
  decodeApdu,
  decodeData,
  decodeDateTime,
  encodeApdu,
  encodeData,
  encodeDateTime,
  formatDateTime,
  openNotification,
  parseDateTime,
  WrapperDecoder,
} from "../../src/dlms/index.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { plain } from "./plain.ts";
import { KEYS, SERVER_TITLE } from "./session.ts";

interface Vector {
  readonly name: string;
  /** The document that the octets come from. */
  readonly source: string;
  readonly hex: string;
}

interface ApduVector extends Vector {
  readonly apdu: unknown;
  /** False where the octets have a form that is accepted but not written. */
  readonly reencodes?: false;
}

interface DataVector extends Vector {
  readonly data: unknown;
}

/** Octets that must not be taken, and the code of the error that tells so. */
interface NegativeVector extends Vector {
  readonly reads: keyof typeof READERS;
  readonly error: DlmsErrorCode;
}

const READERS = {
  apdu: decodeApdu,
  data: decodeData,
  wrapper: (octets: Uint8Array) => [...new WrapperDecoder().push(octets)],
  "hdlc-parameters": decodeHdlcParameters,
  protected: (octets: Uint8Array) => KEYS.unprotect(octets, SERVER_TITLE),
  push: (octets: Uint8Array) => openNotification(octets, () => KEYS),
} satisfies Readonly<Record<string, (octets: Uint8Array) => unknown>>;

interface DateTimeVector extends Vector {
  readonly text: string;
  readonly utc?: string;
}

function vectors<T extends Vector>(name: string): T[] {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
}

describe("published DLMS vectors", () => {
  for (const { name, source, hex, apdu, reencodes } of vectors<ApduVector>("dlms-apdus")) {
    it(`decodes ${name} (${source})`, () => {
      assert.deepEqual(plain(decodeApdu(fromHex(hex))), apdu);
    });
    if (reencodes === false) continue;
    it(`encodes ${name}`, () => {
      assert.equal(toHex(encodeApdu(decodeApdu(fromHex(hex)))), hex);
    });
  }

  for (const { name, source, hex, data } of vectors<DataVector>("dlms-data")) {
    it(`decodes and encodes ${name} (${source})`, () => {
      const value = decodeData(fromHex(hex));
      assert.deepEqual(plain(value), data);
      assert.equal(toHex(encodeData(value)), hex);
    });
  }

  for (const { name, source, hex, text, utc } of vectors<DateTimeVector>("dlms-date-times")) {
    it(`reads and writes a date-time with ${name} (${source})`, () => {
      const value = decodeDateTime(fromHex(hex));
      assert.equal(formatDateTime(value), text);
      assert.deepEqual(parseDateTime(text), value);
      assert.equal(toHex(encodeDateTime(value)), hex);
      assert.equal(dateTimeToEpochMs(value), utc === undefined ? undefined : Date.parse(utc));
    });
  }

  for (const { name, source, reads, hex, error } of vectors<NegativeVector>("dlms-negative")) {
    it(`refuses ${name} with ${error}, ${reads} (${source})`, () => {
      assert.throws(() => READERS[reads](fromHex(hex)), { name: "DlmsError", code: error });
    });
  }
});
