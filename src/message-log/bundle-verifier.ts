import { hash } from "node:crypto";
import { ENTRIES, HASH_LENGTH, hashEntry, rootOfHashes, TILE_WIDTH } from "../domain/log-tree.ts";
import { equalBytes } from "../lib/bytes.ts";
import { BundleError, type Manifest, parseManifest, readRecords } from "./bundle-format.ts";
import { BundleTiles, LeafHashes } from "./bundle-tiles.ts";
import { parseCheckpoint, type SignedHead } from "./checkpoint.ts";
import { type EntryFacts, EntryVerifier } from "./entry-verifier.ts";
import { ED25519, formatVerifierKey, NoteError, signatureOf, type VerifierKey } from "./note.ts";
import {
  allTiles,
  parseTilePath,
  type ReadTile,
  rootOf,
  TileMissing,
  type TileName,
  tilePath,
  widthOf,
} from "./tree.ts";
import { Findings, type Verdict } from "./verdict.ts";

/** The files of a bundle, wherever they are. */
export interface BundleFiles {
  /** Paths with slashes, of all files. */
  list(): readonly string[];
  /** The whole file; undefined when there is none. */
  read(path: string): Uint8Array | undefined;
  /** A file piece by piece, which belong to the reader. */
  chunks(path: string): Iterable<Uint8Array>;
}

/** What the verifier believes from elsewhere. */
export interface Trust {
  /** Keys of the log. Without any, the bundle's own is taken, which proves only that it agrees with itself. */
  readonly keys: readonly VerifierKey[];
  /** Witnesses that must have cosigned. */
  readonly witnesses: readonly VerifierKey[];
  /** Checkpoints of the same log that came another way, and what to call them. */
  readonly checkpoints: readonly { readonly name: string; readonly note: string }[];
}

/** An older checkpoint and where it comes from. */
interface NamedHead extends SignedHead {
  readonly name: string;
}

/** Octets of an entry as it is published, with its length. */
const PUBLISHED_LENGTH = 2 + HASH_LENGTH;

/** Goes through a bundle step by step; what is believed comes from `trust` and nowhere else. */
class BundleVerifier {
  readonly #files: BundleFiles;
  readonly #trust: Trust;
  readonly #findings = new Findings();
  #head!: SignedHead;
  #read!: ReadTile;

  constructor(files: BundleFiles, trust: Trust) {
    this.#files = files;
    this.#trust = trust;
  }

  /** @returns what goes on with the entries, or with what they say when somebody else has verified them */
  run(): (facts: readonly EntryFacts[] | undefined) => Verdict {
    const verdict = { entries: 0, signedBy: [] as string[], isKeyFromBundle: this.#trust.keys.length === 0 };
    const manifest = this.#attempt("manifest", () => parseManifest(this.#text("manifest")));
    const head = this.#attempt("checkpoint", () => parseCheckpoint(this.#text("checkpoint")));
    if (!manifest || !head) return () => ({ ...verdict, findings: this.#findings.list(), head });
    this.#head = head;
    this.#read = new BundleTiles(this.#files, head.size).read;
    const older = this.#verifyFiles();
    const isTreeSigned = this.#verifyTiles(this.#tilesInBundle());
    return (facts) => {
      const hashes = new LeafHashes(this.#read);
      const entries = new EntryVerifier(manifest, head.size, (index) => hashes.at(index), this.#findings);
      this.#verifyEntries(entries, manifest, facts);
      const signedBy = this.#verifySignatures(older, entries);
      this.#verifyHistory(older, isTreeSigned);
      this.#verifyWitnesses();
      return { ...verdict, entries: entries.count, signedBy, findings: this.#findings.list(), head };
    };
  }

  /** What is published has all tiles and no payloads; what the log says of its keys is not in it. */
  runPublished(): Verdict {
    const verdict = { entries: 0, signedBy: [] as string[], isKeyFromBundle: false };
    const head = this.#attempt("checkpoint", () => parseCheckpoint(this.#text("checkpoint")));
    if (!head) return { ...verdict, findings: this.#findings.list(), head };
    this.#head = head;
    this.#read = new BundleTiles(this.#files, head.size).read;
    const isTreeSigned = this.#verifyTiles(allTiles(head.size));
    this.#verifyPublishedEntries();
    const named = { ...head, name: "checkpoint" };
    const signedBy = this.#trust.keys.filter((key) => this.#isSigned(named, [key])).map(formatVerifierKey);
    if (signedBy.length === 0) {
      const text = "checkpoint: no key that was given signed it; the keys of the log are not published with it";
      this.#findings.add("NOT_SIGNED", text);
    }
    this.#verifyHistory([], isTreeSigned);
    this.#verifyWitnesses();
    return { ...verdict, entries: head.size, signedBy, findings: this.#findings.list(), head };
  }

  /** C2SP tlog-tiles: entries with their lengths in front, in two octets. */
  #verifyPublishedEntries(): void {
    const { size } = this.#head;
    for (let number = 0; number * TILE_WIDTH < size; number++) {
      const width = widthOf(size, 0, number);
      const path = tilePath(ENTRIES, number, width);
      const content = this.#files.read(path);
      const hashes = this.#read(0, number, width);
      const first = number * TILE_WIDTH;
      if (content?.length !== width * PUBLISHED_LENGTH) {
        const text = `${path} is missing, or has not ${width} entries`;
        this.#findings.at("MISSING", first, first + width - 1, text);
        continue;
      }
      for (let i = 0; hashes && i < width; i++) {
        const entry = content.subarray(i * PUBLISHED_LENGTH, (i + 1) * PUBLISHED_LENGTH);
        const hashed = hashes.subarray(i * HASH_LENGTH, (i + 1) * HASH_LENGTH);
        const fits = entry[0] === 0 && entry[1] === HASH_LENGTH && equalBytes(hashEntry(entry.subarray(2)), hashed);
        if (!fits) this.#findings.at("LEAF_CHANGED", first + i, first + i, `the tree has another entry than ${path}`);
      }
    }
  }

  #text(path: string): string {
    const content = this.#files.read(path);
    if (!content) throw new BundleError(`there is no file ${path}`);
    return Buffer.from(content).toString("utf8");
  }

  #attempt<T>(what: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof NoteError || error instanceof BundleError)) throw error;
      this.#findings.add("FORMAT", error instanceof NoteError ? `${what}: ${error.message}` : error.message);
      return undefined;
    }
  }

  /** Every file has its place; gives the older checkpoints. */
  #verifyFiles(): NamedHead[] {
    const older: NamedHead[] = [];
    const { size } = this.#head;
    for (const path of this.#files.list()) {
      const [, folder, number = ""] = /^(checkpoints|timestamps)\/(0|[1-9]\d{0,15})(?:\.note|\.tsr)?$/.exec(path) ?? [];
      const tile = parseTilePath(path);
      if (folder === "checkpoints" && path === `checkpoints/${number}`) {
        const head = this.#attempt(path, () => parseCheckpoint(this.#text(path)));
        if (head && head.size !== Number(number))
          this.#findings.add("FORMAT", `${path}: it is a checkpoint of ${head.size}`);
        else if (head) older.push({ ...head, name: path });
      } else if (folder === "timestamps" && path === `timestamps/${number}.tsr`) this.#verifyTimestamp(number);
      else if (folder === "timestamps" && path === `timestamps/${number}.note`) continue;
      else if (tile && tile.width === widthOf(size, tile.level, tile.number)) continue;
      else if (!["manifest", "checkpoint", "entries"].includes(path)) {
        this.#findings.add("UNEXPECTED_FILE", `${path} has no place in a bundle of ${size} entries`);
      }
    }
    return older.sort((a, b) => a.size - b.size);
  }

  /** What was stamped is the checkpoint; whether the stamp is an authority's, `openssl ts` says. */
  #verifyTimestamp(size: string): void {
    const note = this.#files.read(`timestamps/${size}.note`);
    const stamp = this.#files.read(`timestamps/${size}.tsr`)!;
    const imprint = note && hash("sha256", note, "buffer");
    if (!imprint || Buffer.from(stamp).indexOf(imprint) < 0) {
      this.#findings.add("TIMESTAMP", `timestamps/${size}.tsr is not a stamp of the checkpoint beside it`);
    }
    const kept = this.#files.read(size === String(this.#head.size) ? "checkpoint" : `checkpoints/${size}`);
    const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8").split("\n\n")[0];
    if (note && (!kept || textOf(kept) !== textOf(note))) {
      this.#findings.add("TIMESTAMP", `timestamps/${size}.note is not the checkpoint of ${size} entries`);
    }
  }

  /** The edge of the tree makes the root; every full tile is a hash in the one above it. */
  #verifyTiles(tiles: Iterable<TileName>): boolean {
    const { size, root } = this.#head;
    let isSound = this.#isRoot(size, root);
    if (!isSound)
      this.#findings.at("TREE_CHANGED", 0, Math.max(0, size - 1), "the tree is not the one that was signed");
    for (const [level, number] of tiles) {
      const width = widthOf(size, level, number);
      const hashes = this.#read(level, number, width);
      const place = (number % TILE_WIDTH) * HASH_LENGTH;
      const above = this.#read(level + 1, Math.floor(number / TILE_WIDTH), TILE_WIDTH)?.subarray(
        place,
        place + HASH_LENGTH,
      );
      const fits = hashes && (width < TILE_WIDTH || (above && equalBytes(rootOfHashes(hashes), above)));
      if (fits) continue;
      isSound = false;
      const unit = TILE_WIDTH ** (level + 1);
      const last = Math.min(size, (number + 1) * unit) - 1;
      const path = tilePath(level, number, width);
      this.#findings.at("TREE_CHANGED", number * unit, last, `${path} is not the one that was signed`);
    }
    return isSound;
  }

  *#tilesInBundle(): Generator<TileName> {
    for (const path of this.#files.list()) {
      const tile = parseTilePath(path);
      if (tile && tile.width === widthOf(this.#head.size, tile.level, tile.number)) yield [tile.level, tile.number];
    }
  }

  #isRoot(size: number, root: Uint8Array): boolean {
    try {
      return equalBytes(rootOf(size, this.#read), root);
    } catch (error) {
      if (!(error instanceof TileMissing)) throw error;
      this.#findings.add(
        "FORMAT",
        `${tilePath(error.level, error.number, widthOf(this.#head.size, error.level, error.number))} is missing`,
      );
      return false;
    }
  }

  #verifyEntries(entries: EntryVerifier, manifest: Manifest, facts: readonly EntryFacts[] | undefined): void {
    if (manifest.to > this.#head.size || manifest.from > manifest.to) {
      this.#findings.add("FORMAT", `manifest: entries ${manifest.from} to ${manifest.to} of ${this.#head.size}`);
    }
    for (const each of facts ?? []) entries.adopt(each);
    this.#attempt("entries", () => {
      for (const record of facts ? [] : readRecords(this.#files.chunks("entries"))) entries.take(record);
    });
    entries.finish();
  }

  /**
   * The checkpoint is signed by a key that is believed: one that came from elsewhere, or one that the log announced before
   * a checkpoint which such a key signed.
   */
  #verifySignatures(older: readonly NamedHead[], { keys }: EntryVerifier): string[] {
    const last: NamedHead = { ...this.#head, name: "checkpoint" };
    const heads = [...older, last];
    const believed = new Map<string, VerifierKey>();
    const believe = (key: VerifierKey) => believed.set(formatVerifierKey(key), key);
    if (this.#trust.keys.length > 0) this.#trust.keys.forEach(believe);
    else keys.filter(({ key }) => key.type === ED25519).forEach(({ key }) => void believe(key));
    const signed = new Set<NamedHead>();
    for (let before = -1; before < signed.size; ) {
      before = signed.size;
      for (const head of heads.filter((each) => !signed.has(each))) {
        if (!this.#isSigned(head, [...believed.values()])) continue;
        signed.add(head);
        for (const { key, index } of keys) if (index < head.size) believe(key);
      }
    }
    for (const head of heads) {
      if (!signed.has(head)) this.#findings.add("NOT_SIGNED", `${head.name}: no known key of the log signed it`);
    }
    return [...believed].filter(([, key]) => signed.has(last) && this.#isSigned(last, [key])).map(([text]) => text);
  }

  #isSigned({ name, note, origin }: NamedHead, keys: readonly VerifierKey[]): boolean {
    try {
      return keys.some((key) => key.name === origin && signatureOf(note, key) !== undefined);
    } catch (error) {
      if (!(error instanceof NoteError)) throw error;
      this.#findings.add("NOT_SIGNED", `${name}: ${error.message}`);
      return false;
    }
  }

  /** Every other checkpoint is the root of the first entries of this tree. */
  #verifyHistory(older: readonly NamedHead[], isTreeSigned: boolean): void {
    const known = this.#trust.checkpoints.flatMap(({ name, note }) => {
      const head = this.#attempt(name, () => parseCheckpoint(note));
      return head ? [{ ...head, name }] : [];
    });
    let sound = 0;
    for (const { name, origin, size, root } of [...older, ...known].sort((a, b) => a.size - b.size)) {
      if (origin !== this.#head.origin) this.#findings.add("FORKED", `${name} is of the log ${origin}`);
      else if (size > this.#head.size) {
        const text = `${name} has ${size} entries, this tree ${this.#head.size}: the rest was cut off`;
        this.#findings.at("CUT_OFF", this.#head.size, size - 1, text);
      } else if (this.#isRoot(size, root)) sound = size;
      else {
        const text = `${name} has another tree${isTreeSigned ? "" : ", or this one was changed"}`;
        this.#findings.at("FORKED", sound, size - 1, text);
      }
    }
  }

  #verifyWitnesses(): void {
    for (const witness of this.#trust.witnesses) {
      let isCosigned = false;
      try {
        isCosigned = signatureOf(this.#head.note, witness) !== undefined;
      } catch (error) {
        if (!(error instanceof NoteError)) throw error;
      }
      if (!isCosigned) this.#findings.add("NOT_WITNESSED", `checkpoint: ${witness.name} did not cosign it`);
    }
  }
}

/** Verifies a bundle: needs no server, no database and no write access. */
export function verifyBundle(files: BundleFiles, trust: Trust): Verdict {
  return beginBundle(files, trust)(undefined);
}

/**
 * Verifies all of a bundle but its entries.
 * @returns what verifies the rest: to be given what the entries say when they were verified meanwhile, see
 * `verifyDirectory`
 */
export function beginBundle(files: BundleFiles, trust: Trust): (facts: readonly EntryFacts[] | undefined) => Verdict {
  return new BundleVerifier(files, trust).run();
}

/** Verifies what the service publishes: a checkpoint and all tiles of its tree. */
export function verifyPublished(files: BundleFiles, trust: Trust): Verdict {
  return new BundleVerifier(files, trust).runPublished();
}
