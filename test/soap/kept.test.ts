import assert from "node:assert/strict";
import fc from "fast-check";
import { REDACTION_MARK, redact, SECRET_ELEMENTS } from "../../src/soap/kept.ts";

const redactText = (text: string) =>
  Buffer.from(redact(Buffer.from(text), "utf-8")?.body ?? Buffer.from(text)).toString();

describe("what the log keeps of a message with secrets", () => {
  it("is the very same bytes when there are none", () => {
    const bytes = Buffer.from("<a><Key>not of the contract</Key></a>");
    assert.equal(redact(bytes, "utf-8"), undefined);
  });

  it("has a mark in place of each secret and everything else as it was", () => {
    const text = (a: string, b: string) =>
      `<r>\r\n <c:AuthenticationKey  x='>' >${a}</c:AuthenticationKey ><EncryptionKey>${b}</EncryptionKey>é</r>`;
    const kept = redact(Buffer.from(text("00AA", " 11BB ")), "utf-8");
    assert.equal(Buffer.from(kept!.body).toString(), text(REDACTION_MARK, REDACTION_MARK));
    assert.equal(kept!.count, 2);
  });

  it("hides secrets behind CDATA, character references, comments and nested elements", () => {
    assert.equal(
      redactText("<secretValue><![CDATA[</secretValue>AB]]>&#65;<!-- </secretValue> --></secretValue>"),
      `<secretValue>${REDACTION_MARK}</secretValue>`,
    );
    assert.equal(
      redactText("<Master_key><Master_key>A</Master_key>B<x/></Master_key>"),
      `<Master_key>${REDACTION_MARK}</Master_key>`,
    );
  });

  it("leaves empty elements and names in comments alone", () => {
    const text = '<r><AuthenticationKey/><EncryptionKey a="/"></EncryptionKey><!-- <Password>x</Password> --></r>';
    assert.equal(redactText(text), text);
  });

  it("hides to the end when a message that is not well-formed does not close the element", () => {
    assert.equal(redactText("<r><Password>geheim <b>x"), `<r><Password>${REDACTION_MARK}`);
    assert.equal(redactText("<r><Password"), "<r><Password");
  });

  it("works in UTF-16 and ISO-8859-1 without touching the other octets", () => {
    const text = (key: string) => `<r>é<Mbus_p0_key>${key}</Mbus_p0_key>é</r>`;
    const little = Buffer.from(`\uFEFF${text("AB12")}`, "utf16le");
    assert.equal(Buffer.from(redact(little, "utf-16le")!.body).toString("utf16le"), `\uFEFF${text(REDACTION_MARK)}`);
    const big = Buffer.from(`\uFEFF${text("AB12")}`, "utf16le").swap16();
    const keptBig = Buffer.from(redact(big, "utf-16be")!.body).swap16().toString("utf16le");
    assert.equal(keptBig, `\uFEFF${text(REDACTION_MARK)}`);
    const latin = Buffer.from(text("AB12"), "latin1");
    assert.equal(Buffer.from(redact(latin, "iso-8859-1")!.body).toString("latin1"), text(REDACTION_MARK));
  });

  it("never holds a secret, whatever stands around it", () => {
    const around = fc.stringMatching(/^[^<>&"']{0,20}$/);
    fc.assert(
      fc.property(
        around,
        around,
        fc.constantFrom(...SECRET_ELEMENTS),
        fc.constantFrom("", "p:", "été:"),
        (a, b, name, p) => {
          const kept = redactText(`<r x="${a}">${b}<${p}${name}>5EC2E7</${p}${name}>${a}</r>`);
          assert.equal(kept, `<r x="${a}">${b}<${p}${name}>${REDACTION_MARK}</${p}${name}>${a}</r>`);
        },
      ),
    );
  });

  it("ends on any text in time that grows with its length", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("<", ">", "/", "Password", '"', "<!--", "<![CDATA[", " ", "]]>", "<Password>")),
        (parts) => {
          redactText(parts.join(""));
        },
      ),
    );
    redactText("<Password>".repeat(100_000));
    redactText('<Password "'.repeat(100_000));
  });
});
