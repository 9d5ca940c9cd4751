import assert from "node:assert/strict";
import fc from "fast-check";
import { formatTreeHead, parseCheckpoint, parseTreeHead } from "../../src/message-log/checkpoint.ts";
import {
  COSIGNATURE,
  formatNote,
  formatVerifierKey,
  parseNote,
  parseVerifierKey,
  signatureOf,
  timeOfCosignature,
} from "../../src/message-log/note.ts";
import { logSigner, witnessSigner } from "../../src/message-log/signer.ts";

/** Key and note of the package golang.org/x/mod/sumdb/note, which signed notes come from. */
const KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const SIGNED = `${TEXT}
\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

describe("a signed note", () => {
  it("of Go's package is read, and its signature verified", () => {
    const note = parseNote(SIGNED);
    assert.equal(note.text, TEXT);
    const key = parseVerifierKey(KEY);
    assert.equal(signatureOf(note, key)?.name, "PeterNeumann");
    assert.equal(formatVerifierKey(key), KEY);
    assert.equal(formatNote(note), SIGNED);
  });

  it("is refused when anything that is signed differs", () => {
    const key = parseVerifierKey(KEY);
    const changed = SIGNED.replace("answer", "Answer");
    assert.throws(() => signatureOf(parseNote(changed), key), { code: "NOTE_INVALID" });
    assert.equal(signatureOf(parseNote(SIGNED.replace("\u2014 PeterNeumann", "\u2014 SomebodyElse")), key), undefined);
  });

  it("is refused when it is none", () => {
    for (const text of [
      "",
      TEXT,
      `${TEXT}\n`,
      SIGNED.slice(0, -1),
      SIGNED.replace("\u2014", "-"),
      `${SIGNED}x\n`,
      SIGNED.replace("your", "yo\u0000r"),
      SIGNED.replace("nAM=", "nAN="),
      "x".repeat(70_000),
    ]) {
      assert.throws(() => parseNote(text), { code: "NOTE_INVALID" });
    }
  });

  it("of ours is verified with the text of our key, by a log's and a witness's", async () => {
    const seed = new Uint8Array(32).fill(7);
    const text = formatTreeHead({ origin: "log.example/one", size: 3, root: new Uint8Array(32).fill(1) });
    for (const signer of [
      logSigner("log.example/one", seed),
      witnessSigner("witness.example", seed, () => 1_700_000_000_999),
    ]) {
      const note = parseNote(formatNote({ text, signatures: [await signer.sign(text)] }));
      const key = parseVerifierKey(formatVerifierKey(signer.key));
      const signature = signatureOf(note, key);
      assert.ok(signature);
      if (key.type === COSIGNATURE) assert.equal(timeOfCosignature(signature.signature), 1_700_000_000);
      const other = { ...note, text: text.replace("3", "4") };
      assert.throws(() => signatureOf(other, key), { code: "NOTE_INVALID" });
    }
  });

  it("has a key whose id fits it", () => {
    for (const text of [
      KEY.replace("c74f", "c74e"),
      KEY.replace("ARpc", "Arpc"),
      "",
      "a+b+c",
      KEY.replace("+ARpc", "+CRpc"),
    ]) {
      assert.throws(() => parseVerifierKey(text), { code: "NOTE_INVALID" });
    }
  });
});

describe("a checkpoint", () => {
  it("is read as it is written", () => {
    const head = { origin: "log.example/one", size: 20_852_163, root: new Uint8Array(32).fill(1) };
    assert.deepEqual({ ...parseTreeHead(formatTreeHead(head)), root: [] }, { ...head, root: [] });
  });

  it("of the specification is read", () => {
    // C2SP tlog-checkpoint.
    const { origin, size, root } = parseCheckpoint(`example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`);
    assert.deepEqual([origin, size, root[0]], ["example.com/behind-the-sofa", 20_852_163, 0x0a]);
  });

  it("is refused when it is none, whatever it is", () => {
    for (const text of ["", "o\n", "o\n01\n", "o\n-1\n", `o\n1\n${"A".repeat(43)}\n`, `\n1\n${"A".repeat(43)}=\n`]) {
      assert.throws(() => parseTreeHead(text), { code: "NOTE_INVALID" });
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          parseCheckpoint(text);
        } catch (error) {
          assert.equal((error as { code?: string }).code, "NOTE_INVALID");
        }
      }),
    );
  });
});
