import assert from "node:assert/strict";
import fc from "fast-check";
import { SOAP_11 } from "../../src/lib/soap-namespace.ts";
import { type HeaderBlock, KnownHeads, openEnvelope, openKnownEnvelope } from "../../src/soap/envelope.ts";
import { parseDocument } from "../../src/soap/steps/parse.ts";
import { scanDocument } from "../../src/soap/steps/scan.ts";

interface Opened {
  readonly headers: readonly HeaderBlock[];
  readonly payload: string;
}

type Open = (document: ReturnType<typeof parseDocument>) => ReturnType<typeof openEnvelope>;

/** What an envelope holds, or the fault that it ends in. */
function opened(text: string, open: Open): Opened | string {
  const document = parseDocument(text);
  try {
    const { headers, payload } = open(document);
    return { headers, payload: `${payload.name}: ${payload.content}` };
  } catch (error) {
    return (error as Error).message;
  } finally {
    document.dispose();
  }
}

const plain = (text: string) => opened(text, openEnvelope);
const remembered = (text: string, known: KnownHeads) =>
  opened(text, (document) => openKnownEnvelope(document, text, scanDocument(text), known));

const HEADER = '<e:Header><h:User xmlns:h="urn:h" e:mustUnderstand="1">ann</h:User></e:Header>';
const envelope = (inside: string) => `<?xml version="1.0"?>\n<e:Envelope xmlns:e="${SOAP_11}">${inside}</e:Envelope>`;

/** What may stand in an envelope, well built or not. */
const PARTS = [
  HEADER,
  "<e:Header/>",
  "<e:Body><a>1</a></e:Body>",
  "<e:Body><b>2</b></e:Body>",
  "<e:Body><a/><b/></e:Body>",
  "<e:Body/>",
  '<e:Body xmlns:e="urn:other"><a/></e:Body>',
  "<Body><a/></Body>",
  "<!-- <e:Body> -->",
  "<![CDATA[<e:Body>]]>",
  "<![CDATA[ ]]>",
  "text",
  " \n",
];

describe("Envelopes whose beginning was seen before", () => {
  it("are taken apart as if it had not been", () => {
    const known = new KnownHeads();
    for (const part of PARTS) remembered(envelope(HEADER + part), known);
    const parts = fc.array(fc.constantFrom(...PARTS), { maxLength: 5 });
    fc.assert(
      fc.property(parts, (inside) => {
        const text = envelope(inside.join(""));
        assert.deepEqual(remembered(text, known), plain(text));
        assert.deepEqual(remembered(text, known), plain(text));
      }),
      { numRuns: 500 },
    );
  });

  it("are recognised whatever their bodies hold", () => {
    const known = new KnownHeads();
    remembered(envelope(`${HEADER}<e:Body><a>1</a></e:Body>`), known);
    const head = envelope(HEADER).replace("</e:Envelope>", "");
    assert.equal(known.get(head)?.[0]?.text, "ann");
    const other = remembered(envelope(`${HEADER}<e:Body><b>2</b></e:Body>`), known) as Opened;
    assert.equal(other.headers, known.get(head));
    assert.equal(other.payload, "b: 2");
  });

  it("are forgotten when there are too many, and not remembered when they are long", () => {
    const known = new KnownHeads();
    for (let i = 0; i < 500; i++) known.add(`<${i}>`, []);
    assert.ok(known.get("<0>"));
    known.add("<500>", []);
    assert.equal(known.get("<0>"), undefined);
    assert.ok(known.get("<500>"));
    known.add("x".repeat(4_001), []);
    assert.equal(known.get("x".repeat(4_001)), undefined);
  });
});
