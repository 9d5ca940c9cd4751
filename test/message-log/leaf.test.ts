import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { encodeLeaf, hashLeaf, type Leaf } from "../../src/domain/log-leaf.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { sha256Hex } from "../../src/lib/sha256.ts";
import { character } from "../characters.ts";

const LEAF: Leaf = {
  version: 2,
  index: 7,
  class: "message",
  timeMs: 1_700_000_000_123,
  organisation: "Utility",
  user: "clerk",
  application: "ERP",
  service: "adhoc",
  operation: "SynchronizeTime",
  device: "E0001000000000001",
  correlationUid: "Utility|||E0001000000000001|||20231114221320123|||uuid",
  direction: "in",
  bodyHash: sha256Hex(Buffer.from("body")),
  storedHash: sha256Hex(Buffer.from("body")),
  redactions: 0,
};

describe("a leaf of the message log", () => {
  it("is canonical JSON: members sorted, no white space", () => {
    const hash = "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5";
    assert.equal(
      Buffer.from(encodeLeaf(LEAF)).toString(),
      `{"application":"ERP","bodyHash":"${hash}","class":"message",` +
        '"correlationUid":"Utility|||E0001000000000001|||20231114221320123|||uuid","device":"E0001000000000001",' +
        '"direction":"in","operation":"SynchronizeTime","organisation":"Utility","redactions":0,' +
        `"service":"adhoc","storedHash":"${hash}","timeMs":1700000000123,"user":"clerk","version":2}`,
    );
  });

  it("of version 1 is what release 0.1.0 wrote", () => {
    const hash = "230d8358dc8e8890b4c58deeb62912ee2f20357ae92a5cc861b98e68fe31acb5";
    assert.equal(
      Buffer.from(encodeLeaf({ ...LEAF, version: 1 })).toString(),
      `{"application":"ERP","bodySha256":"${hash}",` +
        '"correlationUid":"Utility|||E0001000000000001|||20231114221320123|||uuid","device":"E0001000000000001",' +
        '"direction":"in","index":7,"operation":"SynchronizeTime","organisation":"Utility","redactions":0,' +
        `"service":"adhoc","storedSha256":"${hash}","timeMs":1700000000123,"user":"clerk","version":1}`,
    );
  });

  it("has its members in the order of RFC 8785 and all of them", () => {
    const names = Object.keys(JSON.parse(Buffer.from(encodeLeaf(LEAF)).toString()));
    assert.deepEqual(
      names,
      Object.keys(LEAF)
        .filter((name) => name !== "index")
        .sort(),
    );
  });

  it("writes texts as RFC 8785 does: only what JSON must escape is escaped, in lower case", () => {
    // The string of RFC 8785, section 3.2.2.2.
    const text = '€$\u000f\nA\'B"\\\\"/';
    const encoded = Buffer.from(encodeLeaf({ ...LEAF, user: text })).toString();
    assert.ok(encoded.includes('"user":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'));
  });

  it("is hashed as RFC 6962 hashes leaves", () => {
    // The empty leaf of the test tree that certificate transparency implementations share.
    assert.equal(
      toHex(hashLeaf(new Uint8Array())).toLowerCase(),
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    );
    const expected = createHash("sha256")
      .update(Buffer.concat([Buffer.of(0), encodeLeaf(LEAF)]))
      .digest("hex");
    assert.equal(toHex(hashLeaf(encodeLeaf(LEAF))).toLowerCase(), expected);
  });

  it("differs when any field differs", () => {
    const fields = Object.keys(LEAF).filter((name) => name !== "index") as (keyof Leaf)[];
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.string({ unit: "grapheme" }), fc.nat(), (name, text, number) => {
        const changed = { ...LEAF, [name]: typeof LEAF[name] === "number" ? number : text };
        assert.equal(Buffer.compare(encodeLeaf(changed), encodeLeaf(LEAF)) === 0, changed[name] === LEAF[name]);
      }),
    );
  });

  it("is valid UTF-8 whatever text it holds", () => {
    fc.assert(
      fc.property(fc.string({ unit: character }), fc.integer({ min: 0xd800, max: 0xdfff }), (text, half) => {
        const encoded = encodeLeaf({ ...LEAF, user: text + String.fromCharCode(half) });
        const decoded = new TextDecoder("utf-8", { fatal: true }).decode(encoded);
        assert.equal(JSON.parse(decoded).user, `${text}\uFFFD`);
      }),
    );
  });
});
