import { equalBytes } from "../lib/bytes.ts";
import { type Clock, type Elapsed, since } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { Checkpoint, MessageLogStore } from "../store/message-log.ts";
import { formatTreeHead, parseCheckpoint } from "./checkpoint.ts";
import { announceKey, KEY_ADDED, KEY_RETIRED, KeyList } from "./key-list.ts";
import { formatNote, formatVerifierKey, type NoteSignature, parseNote } from "./note.ts";
import { PublishedLog } from "./published-log.ts";
import { growLog } from "./sequencer.ts";
import type { Signer } from "./signer.ts";
import { tilesOf, withTiles } from "./tile-loader.ts";
import { rootOf } from "./tree.ts";

/** What is published does not go on with what this database holds: one of them is older, or was changed. */
export class LogForked extends Error {
  readonly code = "LOG_FORKED";
  constructor(message: string) {
    super(message);
    this.name = "LogForked";
  }
}

/** Hands a checkpoint to others and brings back what they add to it. */
export interface Attestor {
  /** In words, for an operator. */
  readonly name: string;
  /** The checkpoint with what this one adds. @throws when it does not */
  attest(checkpoint: Checkpoint): Promise<Checkpoint>;
}

export interface PublisherParts {
  readonly log: MessageLogStore;
  readonly directory: string;
  /** The keys that sign now, the oldest first; asked at each checkpoint. */
  readonly signers: () => readonly Signer[];
  readonly attestors: readonly Attestor[];
  readonly clock: Clock;
  readonly random: Random;
  /** Told when others could not attest; the checkpoint is published without. */
  readonly onRefused: (name: string, error: unknown) => void;
}

/**
 * Signs how far the tree has come and publishes it. A crash may happen anywhere: a checkpoint is kept before anybody sees
 * it, tiles are written before the checkpoint that needs them, and what was begun is done again.
 */
export class Publisher {
  readonly #parts: PublisherParts;
  readonly #published: PublishedLog;
  readonly #keys = new KeyList();
  #lastAt: Elapsed | undefined;
  /** One at a time, also within this process. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    this.#published = new PublishedLog(parts.directory);
  }

  /** Milliseconds since the last checkpoint of this process. */
  get sinceLastMs(): number {
    return this.#lastAt === undefined ? Number.POSITIVE_INFINITY : since(this.#parts.clock, this.#lastAt);
  }

  /**
   * Signs what is in the tree, unless the last checkpoint covers it, and publishes it.
   * @throws LogForked, StoreError, or what the file system says
   */
  publish(): Promise<void> {
    const published = this.#turn.then(() => this.#publish());
    this.#turn = published.catch(() => {});
    return published;
  }

  async #publish(): Promise<void> {
    const { log } = this.#parts;
    await this.#announceKeys();
    const { integrated, signed } = await log.positions();
    const from = await this.#requireOneHistory(integrated);
    // What was begun is ended first: only at the edge of what is published can there be tiles that are not full.
    if (signed > from) await this.#show(from, signed);
    if (integrated > signed) await this.#sign(integrated);
    this.#lastAt = this.#parts.clock.elapsed();
    await this.#show(Math.max(from, signed), integrated);
  }

  /** Publishes the last checkpoint up to `size`, unless it is older than what is published. */
  async #show(published: number, size: number): Promise<void> {
    const { log } = this.#parts;
    const latest = await log.checkpointUpTo(size);
    if (!latest || latest.size < published) return;
    await this.#published.writeTiles(log, published, latest.size);
    await this.#published.writeCheckpoint(latest.note);
  }

  async #sign(size: number): Promise<void> {
    const { log, signers, clock, attestors, onRefused } = this.#parts;
    const root = await withTiles(tilesOf(log), (read) => rootOf(size, read));
    const origin = signers()[0]!.key.name;
    const text = formatTreeHead({ origin, size, root });
    const signatures: NoteSignature[] = [];
    for (const signer of signers()) signatures.push(await signer.sign(text));
    let checkpoint: Checkpoint = { size, note: formatNote({ text, signatures }), madeMs: clock.now() };
    await log.putCheckpoint(checkpoint);
    for (const attestor of attestors) {
      try {
        checkpoint = await attestor.attest(checkpoint);
        await log.putCheckpoint(checkpoint);
      } catch (error) {
        onRefused(attestor.name, error);
      }
    }
  }

  /** A key is in the log before it signs, and the log says when one signs no more. */
  async #announceKeys(): Promise<void> {
    const { log, signers, clock, random } = this.#parts;
    const listed = await this.#keys.read(log);
    const now = signers().map(({ key }) => formatVerifierKey(key));
    const added = now.filter((key) => !listed.has(key));
    const retired = [...listed].filter(([key, state]) => state === "added" && !now.includes(key)).map(([key]) => key);
    if (added.length + retired.length === 0) return;
    const entries = [
      ...added.map((key) => announceKey(KEY_ADDED, key, clock.now(), random)),
      ...retired.map((key) => announceKey(KEY_RETIRED, key, clock.now(), random)),
    ];
    await log.append(entries);
    await growLog(log);
  }

  /** @returns the size of what is published, 0 when nothing is */
  async #requireOneHistory(integrated: number): Promise<number> {
    const text = await this.#published.checkpoint();
    if (text === undefined) return 0;
    const { origin, size, root } = parseCheckpoint(text);
    const ours = this.#parts.signers()[0]!.key.name;
    if (origin !== ours) throw new LogForked(`what is published is the log ${origin}, this one is ${ours}`);
    if (size > integrated) {
      const counts = `${size} entries are published, the database has ${integrated}`;
      throw new LogForked(`${counts}: it is older than what was published, or entries were taken away`);
    }
    const here = await withTiles(tilesOf(this.#parts.log), (read) => rootOf(size, read));
    if (!equalBytes(here, root)) {
      throw new LogForked(`the first ${size} entries of the database are not those that were published`);
    }
    return size;
  }
}

/** A checkpoint with a signature more, in place of an older one of the same key. */
export function withSignature(note: string, signature: NoteSignature): string {
  const { text, signatures } = parseNote(note);
  const others = signatures.filter(({ name, keyId }) => name !== signature.name || !equalBytes(keyId, signature.keyId));
  return formatNote({ text, signatures: [...others, signature] });
}
