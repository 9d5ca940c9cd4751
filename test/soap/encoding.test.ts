import assert from "node:assert/strict";
import { charsetOf, decodeText } from "../../src/soap/encoding.ts";

const XML = '<?xml version="1.0"?><a>Zählerstand ✓</a>';
const LATIN = '<?xml version="1.0"?><a>Zähler</a>';
const utf16be = (text: string) => Buffer.from(text, "utf16le").swap16();

function decoded(bytes: Buffer, charset?: string): string {
  return decodeText(bytes, charsetOf(bytes, charset));
}

describe("the encoding of a message", () => {
  it("is UTF-8 when nothing says otherwise", () => assert.equal(decoded(Buffer.from(XML)), XML));

  it("is told by a byte order mark before anything else, and the mark is not part of the text", () => {
    assert.equal(decoded(Buffer.from(`\uFEFF${XML}`), "iso-8859-1"), XML);
    assert.equal(decoded(Buffer.from(`\uFEFF${XML}`, "utf16le"), "utf-8"), XML);
    assert.equal(decoded(utf16be(`\uFEFF${XML}`), "utf-8"), XML);
  });

  it("is UTF-16 in the order of the first octets when the mark is missing", () => {
    assert.equal(decoded(Buffer.from(XML, "utf16le"), "utf-16"), XML);
    assert.equal(decoded(utf16be(XML), "UTF-16"), XML);
    assert.equal(decoded(utf16be(` ${XML}`), "utf-16"), ` ${XML}`);
  });

  it("follows the content type before the XML declaration", () => {
    const bytes = Buffer.from(LATIN.replace("?>", ' encoding="UTF-8"?>'), "latin1");
    assert.match(decoded(bytes, "ISO-8859-1"), /Zähler/);
  });

  it("follows the XML declaration when the content type is silent", () => {
    const bytes = Buffer.from(LATIN.replace("?>", " encoding='iso-8859-1' ?>"), "latin1");
    assert.match(decoded(bytes), /Zähler/);
  });

  it("is refused when it is another one", () => {
    const refused = { faultCode: "Client", message: /encoding (EBCDIC-CP-NL|utf-7|constructor) is not one of/i };
    assert.throws(() => charsetOf(Buffer.from(XML.replace("?>", ' encoding="EBCDIC-CP-NL"?>')), undefined), refused);
    assert.throws(() => charsetOf(Buffer.from(XML), "utf-7"), refused);
    assert.throws(() => charsetOf(Buffer.from(XML), "constructor"), refused);
  });

  it("is refused when the octets are not valid in it", () => {
    assert.throws(() => decoded(Buffer.from([0x3c, 0x61, 0x3e, 0xc3, 0x28])), { message: /not valid UTF-8/ });
    assert.throws(() => decoded(Buffer.from([0xff, 0xfe, 0x3c, 0x00, 0x00, 0xd8])), { message: /not valid UTF-16/ });
    assert.throws(() => decoded(Buffer.from([0xfe, 0xff, 0x00])), { message: /not valid UTF-16/ });
  });
});
