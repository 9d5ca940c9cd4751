import { HASH_LENGTH } from "../domain/log-tree.ts";
import { fromBase64, type Note, NoteError, parseNote, toBase64 } from "./note.ts";

/** What a checkpoint says of a log: the first `size` entries have this root. C2SP tlog-checkpoint. */
export interface TreeHead {
  readonly origin: string;
  readonly size: number;
  /** 32 octets. */
  readonly root: Uint8Array;
}

/** The text that is signed; there are no extension lines. */
export function formatTreeHead({ origin, size, root }: TreeHead): string {
  return `${origin}\n${size}\n${toBase64(root)}\n`;
}

/** @throws NoteError when the text is no checkpoint */
export function parseTreeHead(text: string): TreeHead {
  const [origin = "", size = "", encoded = ""] = text.split("\n");
  const root = fromBase64(encoded);
  if (origin === "") throw new NoteError("the checkpoint has no origin");
  if (!/^(0|[1-9]\d{0,15})$/.test(size) || Number(size) > Number.MAX_SAFE_INTEGER) {
    throw new NoteError("the checkpoint has no tree size");
  }
  if (root?.length !== HASH_LENGTH) throw new NoteError("the checkpoint has no root hash");
  return { origin, size: Number(size), root };
}

/** A checkpoint as it is handed around. */
export interface SignedHead extends TreeHead {
  readonly note: Note;
}

/** @throws NoteError */
export function parseCheckpoint(text: string): SignedHead {
  const note = parseNote(text);
  return { ...parseTreeHead(note.text), note };
}
