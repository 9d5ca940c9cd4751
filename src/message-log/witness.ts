import { equalBytes } from "../lib/bytes.ts";
import { parseCheckpoint, type SignedHead, type TreeHead } from "./checkpoint.ts";
import { formatSignature, fromBase64, NoteError, signatureOf, type VerifierKey } from "./note.ts";
import type { Signer } from "./signer.ts";
import { isConsistent } from "./tree.ts";

/** What a witness remembers of each log: the last checkpoint that it cosigned. */
export interface WitnessMemory {
  /** The note; undefined when there is none. */
  last(origin: string): string | undefined;
  /** Resolves when it is durable. */
  keep(origin: string, note: string): Promise<void>;
}

/** An answer of C2SP tlog-witness. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly type: "text/plain" | "text/x.tlog.size";
  readonly body: string;
}

/** Hashes in a proof: more than a tree of 2^63 entries needs. */
const MOST_HASHES = 63;

function refuse(status: WitnessAnswer["status"], text: string): WitnessAnswer {
  return { status, type: "text/plain", body: `${text}\n` };
}

interface Submission {
  readonly oldSize: number;
  readonly proof: readonly Uint8Array[];
  readonly note: string;
  readonly head: SignedHead;
}

/** @throws NoteError */
function parseSubmission(body: string): Submission {
  const end = body.indexOf("\n\n");
  const [old = "", ...hashes] = body.slice(0, Math.max(0, end)).split("\n");
  const [, oldSize] = /^old (0|[1-9]\d{0,15})$/.exec(old) ?? [];
  const proof = hashes.map(fromBase64);
  if (oldSize === undefined || proof.length > MOST_HASHES || proof.some((hash) => hash?.length !== 32)) {
    throw new NoteError("a line with the old size, lines of the proof, an empty line and a checkpoint are needed");
  }
  const note = body.slice(end + 2);
  return { oldSize: Number(oldSize), proof: proof as Uint8Array[], note, head: parseCheckpoint(note) };
}

/**
 * Cosigns checkpoints of logs that it knows, each of which must have grown out of the last one: C2SP tlog-witness. A tree
 * that shrank or forked gets no cosignature, so nobody can be shown one that others were not shown.
 */
export class Witness {
  readonly #keys: readonly VerifierKey[];
  readonly #signer: Signer;
  readonly #memory: WitnessMemory;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param keys of the logs that it knows */
  constructor(keys: readonly VerifierKey[], signer: Signer, memory: WitnessMemory) {
    this.#keys = keys;
    this.#signer = signer;
    this.#memory = memory;
  }

  /** Answers `add-checkpoint`, one after the other: looking and keeping must not be parted. */
  add(body: string): Promise<WitnessAnswer> {
    const answer = this.#turn.then(() => this.#add(body));
    this.#turn = answer.catch(() => {});
    return answer;
  }

  async #add(body: string): Promise<WitnessAnswer> {
    let submission: Submission;
    try {
      submission = parseSubmission(body);
    } catch (error) {
      if (!(error instanceof NoteError)) throw error;
      return refuse(400, error.message);
    }
    const { oldSize, proof, note, head } = submission;
    const keys = this.#keys.filter(({ name }) => name === head.origin);
    if (keys.length === 0) return refuse(404, "this log is not known here");
    if (!isSigned(head, keys)) return refuse(403, "no key that is known here signed this checkpoint");
    if (oldSize > head.size) return refuse(400, "the old size is above that of the checkpoint");
    const kept = this.#memory.last(head.origin);
    const last: TreeHead | undefined = kept === undefined ? undefined : parseCheckpoint(kept);
    if (oldSize !== (last?.size ?? 0)) return { status: 409, type: "text/x.tlog.size", body: `${last?.size ?? 0}\n` };
    if (last && last.size === head.size && !equalBytes(last.root, head.root)) {
      return refuse(409, "another tree of this size was cosigned");
    }
    if (last && !isConsistent(last, head, proof)) return refuse(422, "the tree did not grow out of the last one");
    if (!last && proof.length > 0) return refuse(422, "from nothing there is no proof");
    await this.#memory.keep(head.origin, note);
    const signature = await this.#signer.sign(head.note.text);
    return { status: 200, type: "text/plain", body: formatSignature(signature) };
  }
}

function isSigned({ note }: SignedHead, keys: readonly VerifierKey[]): boolean {
  try {
    return keys.some((key) => signatureOf(note, key) !== undefined);
  } catch (error) {
    if (error instanceof NoteError) return false;
    throw error;
  }
}
