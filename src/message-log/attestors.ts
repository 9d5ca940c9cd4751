import { hash } from "node:crypto";
import { concatBytes } from "../lib/bytes.ts";
import type { Clock } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { Checkpoint, MessageLogStore } from "../store/message-log.ts";
import { parseNote, parseVerifierKey, signatureOf, toBase64 } from "./note.ts";
import { type Attestor, withSignature } from "./publisher.ts";
import type { WitnessAddress } from "./settings.ts";
import { tilesOf, withTiles } from "./tile-loader.ts";
import { consistencyProof, tilesOfRoot } from "./tree.ts";

/** Sends something by POST and gives the whole answer. @throws MetergateError when there is none */
export type Post = (
  url: string,
  body: Uint8Array,
  contentType: string,
) => Promise<{ readonly status: number; readonly body: Uint8Array }>;

/** An attestor did not do what it is for. */
export class Unattested extends Error {
  readonly code = "UNATTESTED";
  constructor(message: string) {
    super(message);
    this.name = "Unattested";
  }
}

const TEXT = "text/plain; charset=utf-8";

/** Sends each checkpoint somewhere, as it is. */
export function sentTo(url: string, post: Post): Attestor {
  return {
    name: "address of checkpoints",
    async attest(checkpoint) {
      const { status } = await post(url, Buffer.from(checkpoint.note), TEXT);
      if (status < 200 || status > 299) throw new Unattested(`it answered with status ${status}`);
      return checkpoint;
    },
  };
}

/** Has a witness cosign each checkpoint: C2SP tlog-witness. */
export function cosignedBy(
  { url, key: text }: WitnessAddress,
  log: Pick<MessageLogStore, "tiles">,
  post: Post,
): Attestor {
  const key = parseVerifierKey(text);
  const address = `${url.replace(/\/+$/, "")}/add-checkpoint`;
  /** What the witness has seen, as far as is known. */
  let seen = 0;
  const submit = async ({ size, note }: Checkpoint) => {
    const proof = await withTiles(tilesOf(log), (read) => consistencyProof(Math.min(seen, size), size, read), [
      ...tilesOfRoot(size),
      ...tilesOfRoot(Math.min(seen, size)),
    ]);
    const head = [`old ${seen}`, ...proof.map(toBase64)].map((line) => `${line}\n`).join("");
    const { status, body } = await post(address, Buffer.from(`${head}\n${note}`), TEXT);
    return { status, body: Buffer.from(body).toString("utf8") };
  };
  return {
    name: `witness ${key.name}`,
    async attest(checkpoint) {
      let answer = await submit(checkpoint);
      const size = /^(0|[1-9]\d{0,15})\n$/.exec(answer.body)?.[1];
      if (answer.status === 409 && size !== undefined && Number(size) !== seen) {
        seen = Number(size);
        if (seen > checkpoint.size)
          throw new Unattested(`it has seen ${seen} entries of this log, there are ${checkpoint.size}`);
        answer = await submit(checkpoint);
      }
      if (answer.status !== 200)
        throw new Unattested(`it answered with status ${answer.status}: ${answer.body.slice(0, 200).trim()}`);
      const { text } = parseNote(checkpoint.note);
      const signature = signatureOf(parseNote(`${text}\n${answer.body}`), key);
      if (!signature) throw new Unattested("its answer has no signature of its key");
      seen = checkpoint.size;
      return { ...checkpoint, note: withSignature(checkpoint.note, signature) };
    },
  };
}

const STAMP_EVERY_MS = 3_600_000;

/** The request for a timestamp over a SHA-256: RFC 3161, section 2.4.1, in DER; the authority's certificate is asked for. */
export function timestampRequest(imprint: Uint8Array, nonce: Uint8Array): Uint8Array {
  const hashed = concatBytes(Buffer.from("3031300d060960864801650304020105000420", "hex"), imprint);
  // A leading zero keeps it positive, a leading 1 keeps it short of no octet.
  const number = concatBytes(Uint8Array.of(0x02, nonce.length + 1, 0x01), nonce);
  const content = concatBytes(Uint8Array.of(0x02, 1, 1), hashed, number, Uint8Array.of(0x01, 1, 0xff));
  return concatBytes(Uint8Array.of(0x30, content.length), content);
}

/** Whether a TimeStampResp is granted: its first member is a status 0 or 1. */
function isGranted(response: Uint8Array): boolean {
  let at = 0;
  for (let depth = 0; depth < 2; depth++) {
    if (response[at] !== 0x30) return false;
    const length = response[at + 1] ?? 0;
    at += 2 + (length > 0x80 ? length - 0x80 : 0);
  }
  return response[at] === 0x02 && response[at + 1] === 1 && (response[at + 2] ?? 9) <= 1;
}

/** Has an authority stamp a checkpoint with its time, at most one an hour: RFC 3161 over HTTP. */
export function stampedBy(url: string, clock: Clock, random: Random, post: Post): Attestor {
  let lastMs: number | undefined;
  return {
    name: "timestamp authority",
    async attest(checkpoint) {
      const now = clock.elapsed();
      if (lastMs !== undefined && now - lastMs < STAMP_EVERY_MS) return checkpoint;
      const imprint: Uint8Array = hash("sha256", checkpoint.note, "buffer");
      const request = timestampRequest(imprint, random.bytes(8));
      const { status, body: response } = await post(url, request, "application/timestamp-query");
      if (status !== 200 || !isGranted(response) || Buffer.from(response).indexOf(imprint) < 0) {
        throw new Unattested(`it gave no timestamp of the checkpoint, status ${status}`);
      }
      lastMs = now;
      return { ...checkpoint, timestamp: { note: checkpoint.note, response } };
    },
  };
}
