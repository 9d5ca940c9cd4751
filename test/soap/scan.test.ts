import assert from "node:assert/strict";
import { scanDocument } from "../../src/soap/scan.ts";

const refuses = (text: string, message: RegExp) =>
  assert.throws(() => scanDocument(text), { faultCode: "Client", message });

describe("the look over a document before it is parsed", () => {
  it("lets an XML declaration, comments and CDATA pass, whatever they hold", () => {
    scanDocument('<?xml version="1.0"?><!-- <!DOCTYPE a> <?pi?> --><a><![CDATA[<!DOCTYPE b><?pi?>]]></a>');
  });

  it("refuses a document type declaration wherever it stands", () => {
    refuses('<!DOCTYPE a [<!ENTITY l "l">]><a>&l;</a>', /document type declaration/);
    refuses('<?xml version="1.0"?>\n<!-- x --><!doctype a><a/>', /document type declaration/);
    refuses("<a><!DOCTYPE b></a>", /document type declaration/);
  });

  it("refuses a processing instruction, and a second XML declaration with it", () => {
    refuses("<?xml-stylesheet href='x'?><a/>", /processing instruction/);
    refuses("<a><?php echo 1 ?></a>", /processing instruction/);
    refuses(' <?xml version="1.0"?><a/>', /processing instruction/);
  });

  it("refuses a NUL character", () => refuses("<a>\0</a>", /NUL/));

  it("refuses more elements than can be checked in bounded time", () => {
    scanDocument(`<a>${"<b></b>".repeat(9_999)}</a>`);
    refuses(`<a>${"<b/>".repeat(10_000)}</a>`, /more than 10000 elements/);
  });

  it("ends on comments and CDATA that never end", () => {
    scanDocument("<a><!-- ");
    scanDocument("<a><![CDATA[ <b>");
    scanDocument("<?xml version='1.0'");
  });
});
