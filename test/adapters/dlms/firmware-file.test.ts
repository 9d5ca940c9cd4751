import assert from "node:assert/strict";
import { createDecipheriv } from "node:crypto";
import {
  isMbusFirmware,
  mbusImage,
  mbusImageIdentifier,
  prepareMbusFirmware,
} from "../../../src/adapters/dlms/firmware-file.ts";
import { MetergateError } from "../../../src/domain/errors.ts";
import { concatBytes, fromHex, toHex } from "../../../src/lib/bytes.ts";

const image = Uint8Array.from({ length: 200 }, (_, i) => (i * 37) & 0xff);
const key = fromHex("F9AA0123456789012345D7AFCCD41BD1");
const meter = { identificationNumber: "10000540", manufacturerIdentification: "GWI", version: 80, deviceType: 3 };

/** Header of the layout that SMR5 files have, with the pattern of identification numbers in wire order. */
function fileWith(pattern = "FFFFFFFF", change: [at: number, octet: number][] = []): Uint8Array {
  const length = image.length.toString(16).padStart(2, "0");
  const header = fromHex(
    `534D5235 00 2300 11004000 ${length}000000 1000 02 08 01 E91E ${pattern} 50 03 03 000000000000`,
  );
  for (const [at, octet] of change) header[at] = octet;
  return concatBytes(header, image, new Uint8Array(16));
}

const refusal = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof MetergateError);
    return error.message;
  }
  return assert.fail("was not refused");
};

describe("firmware for an M-Bus meter", () => {
  it("gets a GMAC that verifies under the nonce of the published example", () => {
    const prepared = prepareMbusFirmware(fileWith(), meter, key);
    // The nonce stands in the tests of the GXF platform for this manufacturer, meter and image version.
    const check = createDecipheriv("aes-128-gcm", key, fromHex("E91E40050010500300400011"));
    check.setAAD(prepared.subarray(0, -16));
    check.setAuthTag(prepared.subarray(-16));
    assert.doesNotThrow(() => check.final());
    assert.deepEqual(mbusImage(prepared), image);
  });

  it("announces itself by manufacturer and address", () => {
    const prepared = prepareMbusFirmware(fileWith(), meter, key);
    assert.equal(
      toHex(mbusImageIdentifier(prepared, meter)),
      "4757494D425553" + "40050010" + "E91E" + "5003" + "00000000",
    );
  });

  it("is refused for a meter outside the file's range, in the words that callers know", () => {
    assert.equal(
      refusal(() => prepareMbusFirmware(fileWith("FFFF0000"), { ...meter, identificationNumber: "00010000" }, key)),
      "M-Bus Device Identification Number (00010000) does not fit the range of Identification Numbers supported by this Firmware File (0000ffff)",
    );
    assert.doesNotThrow(() =>
      prepareMbusFirmware(fileWith("FFFF0000"), { ...meter, identificationNumber: "00009999" }, key),
    );
  });

  for (const [field, at] of [
    ["securityType", 17],
    ["deviceType", 27],
    ["activationType", 28],
  ] as const) {
    it(`is refused when the header's ${field} is another`, () => {
      assert.match(
        refusal(() => prepareMbusFirmware(fileWith("FFFFFFFF", [[at, 5]]), meter, key)),
        new RegExp(field),
      );
    });
  }

  it("is refused when the file is cut", () => {
    assert.match(
      refusal(() => prepareMbusFirmware(fileWith().subarray(0, -1), meter, key)),
      /its header says 251/,
    );
  });

  it("is told from an image for electricity meters", () => {
    assert.equal(isMbusFirmware(image), false);
    assert.equal(isMbusFirmware(fileWith()), true);
  });
});
