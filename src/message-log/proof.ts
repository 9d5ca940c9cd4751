import { HASH_LENGTH, hashEntry } from "../domain/log-tree.ts";
import { equalBytes } from "../lib/bytes.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { fromBase64, NoteError, signatureOf, toBase64, type VerifierKey } from "./note.ts";
import { rootFromInclusion } from "./tree.ts";

/** That an entry is in the tree of a checkpoint: C2SP tlog-proof. */
export interface LogProof {
  readonly index: number;
  readonly proof: readonly Uint8Array[];
  /** The checkpoint. */
  readonly note: string;
}

const HEAD = "c2sp.org/tlog-proof@v1";

export function formatProof({ index, proof, note }: LogProof): string {
  return `${[HEAD, `index ${index}`, ...proof.map(toBase64)].join("\n")}\n\n${note}`;
}

/** @throws NoteError */
export function parseProof(text: string): LogProof {
  const end = text.indexOf("\n\n");
  const [head, place = "", ...hashes] = text.slice(0, end).split("\n");
  const [, index] = /^index (0|[1-9]\d{0,15})$/.exec(place) ?? [];
  const proof = hashes.map(fromBase64);
  if (end < 0 || head !== HEAD || index === undefined || proof.some((hash) => hash?.length !== HASH_LENGTH)) {
    throw new NoteError("this is no proof of a log");
  }
  return { index: Number(index), proof: proof as Uint8Array[], note: text.slice(end + 2) };
}

/** Whether an entry of 32 octets is in the tree that the key signed. @throws NoteError when the checkpoint is none of it */
export function isProved(entry: Uint8Array, { index, proof, note }: LogProof, key: VerifierKey): boolean {
  const head = parseCheckpoint(note);
  if (head.origin !== key.name || !signatureOf(head.note, key)) return false;
  const root = rootFromInclusion(index, head.size, hashEntry(entry), proof);
  return root !== undefined && equalBytes(root, head.root);
}
