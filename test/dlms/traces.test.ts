import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { decodeApdu, decodeData, encodeApdu, encodeData } from "../../src/dlms/index.ts";
import { concatBytes, fromHex, toHex } from "../../src/lib/bytes.ts";

const WRAPPER_HEADER_LENGTH = 8;

/** The APDUs of a session that was recorded over the TCP wrapper. */
function apdus(trace: string): Uint8Array[] {
  const text = readFileSync(new URL(`../vectors/dlms-traces/${trace}.hex`, import.meta.url), "utf8");
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.map((line) => fromHex(line.slice("C->M ".length)).subarray(WRAPPER_HEADER_LENGTH));
}

describe("recorded DLMS sessions", () => {
  for (const trace of ["none", "low", "hls5"]) {
    it(`decodes each APDU of ${trace}.hex and encodes it to the same octets`, () => {
      const recorded = apdus(trace);
      assert.ok(recorded.length >= 24);
      for (const bytes of recorded) assert.equal(toHex(encodeApdu(decodeApdu(bytes))), toHex(bytes));
    });
  }

  for (const trace of ["none", "low"]) {
    it(`decodes the initiate APDUs inside AARQ and AARE of ${trace}.hex`, () => {
      const types = apdus(trace)
        .map(decodeApdu)
        .flatMap((apdu) => (apdu.type === "aarq" || apdu.type === "aare" ? [decodeApdu(apdu.userInformation!)] : []))
        .map((apdu) => apdu.type);
      assert.deepEqual(types, ["initiate-request", "initiate-response"]);
    });

    it(`decodes the object list of ${trace}.hex from its blocks`, () => {
      const blocks = apdus(trace)
        .map(decodeApdu)
        .flatMap((apdu) =>
          apdu.type === "get-response-with-datablock" && "raw" in apdu.block ? [apdu.block.raw] : [],
        );
      const raw = concatBytes(...blocks);
      const list = decodeData(raw);
      assert.ok(list.type === "array");
      assert.equal(list.value.length, 52);
      assert.equal(toHex(encodeData(list)), toHex(raw));
    });
  }
});
