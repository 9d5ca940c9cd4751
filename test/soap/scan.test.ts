import assert from "node:assert/strict";
import { scanDocument } from "../../src/soap/steps/scan.ts";

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
    refuses('<a/><?xml version="1.0"?>', /processing instruction/);
  });

  it("says what is wrong with white space before the XML declaration", () => {
    refuses('\n<?xml version="1.0"?><a/>', /begins with white space: nothing may stand before <\?xml/);
    scanDocument("\n<a/>");
  });

  it("refuses a NUL character", () => refuses("<a>\0</a>", /NUL/));

  it("refuses more comments and CDATA sections than a message needs: each splits the text that it stands in", () => {
    scanDocument(`<a>${"x<!---->".repeat(1_000)}</a>`);
    refuses(`<a>${"x<!---->".repeat(1_001)}</a>`, /more than 1000 comments and CDATA sections/);
    refuses(`<a>${"<![CDATA[x]]>".repeat(1_001)}</a>`, /more than 1000 comments and CDATA sections/);
  });

  it("refuses more attributes and namespaces than a message needs, in one element and in all", () => {
    const attributes = (count: number, name: string) => Array.from({ length: count }, (_, i) => ` ${name}${i}=">"`);
    scanDocument(`<a${attributes(100, "b").join("")}/>`);
    refuses(`<a${attributes(101, "b").join("")}/>`, /An element .* more than 100 attributes/);
    refuses(`<a${attributes(101, "xmlns:b").join("")}/>`, /An element .* more than 100 attributes/);
    refuses(`<a>${`<b${attributes(100, "b").join("")}/>`.repeat(201)}</a>`, /more than 20000 attributes/);
  });

  it("refuses more references and a deeper document than a message needs", () => {
    refuses(`<a>${"&amp;".repeat(20_001)}</a>`, /more than 20000 references/);
    refuses(`<a b="${"&#65;".repeat(20_001)}"/>`, /more than 20000 references/);
    scanDocument(`${"<a>".repeat(100)}${"</a>".repeat(100)}`);
    refuses("<a>".repeat(101), /more than 100 levels deep/);
    scanDocument(`<a>${"<b></b><c/>".repeat(4_000)}</a>`);
  });

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
