import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { draftLeaf } from "../../src/domain/log-leaf.ts";
import { concatBytes } from "../../src/lib/bytes.ts";
import { parseCheckpoint } from "../../src/message-log/checkpoint.ts";
import { formatVerifierKey, parseVerifierKey, type VerifierKey } from "../../src/message-log/note.ts";
import { withSignature } from "../../src/message-log/publisher.ts";
import { growLog } from "../../src/message-log/sequencer.ts";
import { logSigner, type Signer, witnessSigner } from "../../src/message-log/signer.ts";
import { tilesOf, withTiles } from "../../src/message-log/tile-loader.ts";
import { consistencyProof } from "../../src/message-log/tree.ts";
import { Witness, type WitnessMemory } from "../../src/message-log/witness.ts";
import type { LoggedEntry, NewLogEntry } from "../../src/store/message-log.ts";
import { BundleWorld, NAME, SIGNER, TRUST, told, verify } from "./bundle-world.ts";

const PYTHON_VERIFIER = fileURLToPath(new URL("../../docs/verify_bundle.py", import.meta.url));

/** What somebody does to the entries who can write to the database and knows how its hashes are made. */
type Change = (entries: LoggedEntry[]) => readonly LoggedEntry[];

/** An entry with another text, and with a leaf if need be; all hashes will fit. */
function edited(entry: LoggedEntry, text: string, leaf: Partial<LoggedEntry["leaf"]> = {}): LoggedEntry {
  return { ...entry, stored: new Uint8Array(Buffer.from(text)), leaf: { ...entry.leaf, ...leaf } };
}

/** An entry as it was before it had a place. */
function unplaced({ leaf, stored, salt }: LoggedEntry): NewLogEntry {
  return { leaf: draftLeaf({ ...leaf, bodyHash: "" }), salted: concatBytes(salt!, stored!) };
}

const at = (entries: readonly LoggedEntry[], index: number) => entries[index]!;

const CHANGES: Record<string, Change> = {
  "an edit with a new hash": (all) => all.with(30, edited(at(all, 30), "<message>forged</message>")),
  "another time": (all) => all.with(30, { ...at(all, 30), leaf: { ...at(all, 30).leaf, timeMs: 1 } }),
  "one deleted, the rest renumbered": (all) => all.toSpliced(30, 1),
  "two swapped": (all) => all.with(30, at(all, 31)).with(31, at(all, 30)),
  "the end cut off": (all) => all.slice(0, 50),
  "one invented": (all) => all.toSpliced(30, 0, edited(at(all, 30), "<message>invented</message>")),
  "all gone": () => [],
};

/** What the verifier in Python says. */
function python(
  directory: string,
  files: readonly string[],
  keys: readonly VerifierKey[],
  witnesses: readonly VerifierKey[],
) {
  const args = [
    ...keys.flatMap((key) => ["--key", formatVerifierKey(key)]),
    ...witnesses.flatMap((key) => ["--witness", formatVerifierKey(key)]),
    ...files.flatMap((file) => ["--checkpoint", file]),
  ];
  return new Promise<{ code: number; text: string }>((resolve) => {
    execFile("python3", [PYTHON_VERIFIER, directory, ...args], (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, text: stdout + stderr }),
    );
  });
}

/** @param isWithPython whether the second verifier looks as well */
export function describeAttacks(isWithPython: boolean): void {
  describe("somebody who changes the log and all of its hashes", () => {
    let world: BundleWorld;
    let entries: LoggedEntry[];
    /** The checkpoints that were published, which others may have taken home. */
    let early: string;
    let late: string;
    const others: BundleWorld[] = [];

    before(async () => {
      world = await BundleWorld.open();
      await world.append(20);
      early = await world.publish();
      await world.append(40);
      late = await world.publish();
      entries = await world.store.messageLog.read(0, 1000);
    });

    after(() => Promise.all([world, ...others].map((each) => each.close())));

    /** A database made anew from other entries, and what is exported of it. */
    async function remade(change: Change, signer: Signer | undefined): Promise<string> {
      const forged = await BundleWorld.open();
      others.push(forged);
      const { messageLog } = forged.store;
      await messageLog.append(change(entries).map(unplaced));
      forged.signers = [signer ?? SIGNER];
      await growLog(messageLog);
      await forged.publish();
      const directory = await forged.export();
      // Who has no key shows the checkpoint that was signed.
      if (!signer) writeFileSync(join(directory, "checkpoint"), late);
      return directory;
    }

    /** Has the verifiers look, and gives what ours tells; their verdicts are the same. */
    async function verdicts(directory: string, trust = TRUST): Promise<string[]> {
      const folder = `${directory}-known`;
      mkdirSync(folder, { recursive: true });
      const files = trust.checkpoints.map(({ note }, i) => {
        writeFileSync(join(folder, String(i)), note);
        return join(folder, String(i));
      });
      const ours = told(verify(directory, trust));
      if (!isWithPython) return ours;
      const { code, text } = await python(directory, files, trust.keys, trust.witnesses);
      assert.equal(code, ours.length > 0 ? 1 : 0, text);
      assert.match(text, ours.length > 0 ? /REFUSED\n$/ : /accepted\n$/);
      if (ours.some((line) => / \d/.test(line))) assert.match(text, /^entr(y|ies) \d+/m);
      return ours;
    }

    it("leaves nothing to find where nothing was changed", async () => {
      const trust = {
        ...TRUST,
        checkpoints: [
          { name: "early", note: early },
          { name: "late", note: late },
        ],
      };
      assert.deepEqual(await verdicts(await world.export({ checkpoints: [early, late] }), trust), []);
    });

    for (const [what, change] of Object.entries(CHANGES)) {
      it(`is found out without the key of the log: ${what}`, async () => {
        const findings = await verdicts(await remade(change, undefined));
        assert.match(findings[0]!, /^(TREE_CHANGED|LEAF_CHANGED|MISSING) \d+-\d+$/);
      });

      it(`is found out with another key: ${what}`, async () => {
        const another = logSigner(NAME, new Uint8Array(32).fill(66));
        assert.ok((await verdicts(await remade(change, another))).includes("NOT_SIGNED"));
      });

      it(`is found out with the key of the log by a checkpoint that somebody took home, and by nothing else: ${what}`, async () => {
        const directory = await remade(change, SIGNER);
        assert.deepEqual(await verdicts(directory), []);
        const findings = await verdicts(directory, { ...TRUST, checkpoints: [{ name: "late", note: late }] });
        assert.equal(findings.length, 1);
        const size = parseCheckpoint(late).size;
        assert.match(findings[0]!, new RegExp(`^(FORKED 0-${size - 1}|CUT_OFF \\d+-${size - 1})$`));
      });
    }

    it("is placed between two checkpoints that somebody took home", async () => {
      const directory = await remade(CHANGES["two swapped"]!, SIGNER);
      const checkpoints = [
        { name: "early", note: early },
        { name: "late", note: late },
      ];
      // The first 21 are as they were: tiles for that size are in the bundle when it is asked for.
      assert.deepEqual(told(verify(directory, { ...TRUST, checkpoints })), ["FORKED 21-60"]);
    });

    it("is found out when yesterday's database is shown, by a checkpoint of today", async () => {
      const yesterday = await BundleWorld.open();
      others.push(yesterday);
      await yesterday.store.messageLog.append(entries.slice(0, 20).map(unplaced));
      await yesterday.publish();
      const directory = await yesterday.export();
      assert.deepEqual(await verdicts(directory), []);
      const checkpoints = [{ name: "late", note: late }];
      assert.deepEqual(await verdicts(directory, { ...TRUST, checkpoints }), ["CUT_OFF 21-60"]);
    });

    it("cannot show two auditors different trees when both ask for a witness", async () => {
      const kept = new Map<string, string>();
      const memory: WitnessMemory = {
        last: (origin) => kept.get(origin),
        keep: async (origin, note) => void kept.set(origin, note),
      };
      const signer = witnessSigner("witness.example", new Uint8Array(32).fill(5), () => 1_700_000_000_000);
      const witness = new Witness([SIGNER.key], signer, memory);
      const first = await world.export();
      const answer = await witness.add(`old 0\n\n${late}`);
      assert.equal(answer.status, 200);
      const [line] = parseCheckpoint(`${parseCheckpoint(late).note.text}\n${answer.body}`).note.signatures;
      writeFileSync(join(first, "checkpoint"), withSignature(late, line!));
      const trust = { ...TRUST, witnesses: [parseVerifierKey(formatVerifierKey(signer.key))] };
      assert.deepEqual(await verdicts(first, trust), []);
      const second = await remade(CHANGES["an edit with a new hash"]!, SIGNER);
      assert.deepEqual(await verdicts(second), []);
      assert.deepEqual(await verdicts(second, trust), ["NOT_WITNESSED"]);
      const forged = others.at(-1)!;
      const note = (await forged.store.messageLog.checkpointUpTo(1000))!.note;
      const { size } = parseCheckpoint(note);
      for (const old of [0, 62, 61]) {
        const proof = await withTiles(tilesOf(forged.store.messageLog), (read) =>
          consistencyProof(Math.min(old, size), size, read),
        );
        const lines = proof.map((hash) => `${Buffer.from(hash).toString("base64")}\n`).join("");
        const { status } = await witness.add(`old ${old}\n${lines}\n${note}`);
        assert.ok([400, 409, 422].includes(status), `${old}: ${status}`);
      }
    });
  });
}
