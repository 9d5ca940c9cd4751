import assert from "node:assert/strict";
import { hash } from "node:crypto";
import fc from "fast-check";
import { hashLeaf } from "../../src/domain/log-leaf.ts";
import { EMPTY_ROOT, edgeOf, growTree, hashEntry, rootOfHashes, type Tile } from "../../src/domain/log-tree.ts";
import { concatBytes } from "../../src/lib/bytes.ts";
import {
  consistencyProof,
  hashOfRange,
  inclusionProof,
  isConsistent,
  parseTilePath,
  type ReadTile,
  rootFromInclusion,
  rootOf,
  TileMissing,
  tilePath,
  tilesOfEntry,
  tilesOfRoot,
  widthOf,
} from "../../src/message-log/tree.ts";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const entryNumber = (i: number): Uint8Array => hash("sha256", String(i), "buffer");

/** A tree that grew in portions, and how to read it. */
function grow(...portions: readonly number[]): { size: number; tiles: Map<string, Tile>; read: ReadTile } {
  const tiles = new Map<string, Tile>();
  let size = 0;
  for (const portion of portions) {
    const entries = Array.from({ length: portion }, (_, i) => entryNumber(size + i));
    for (const tile of growTree(size, [...tiles.values()].filter(isOnEdge(size)), entries)) {
      tiles.set(`${tile.level}/${tile.number}`, tile);
    }
    size += portion;
  }
  return { size, tiles, read: (level, number) => tiles.get(`${level}/${number}`)?.hashes };
}

function isOnEdge(size: number) {
  return ({ level, number }: Tile) => edgeOf(size).some((each) => each.level === level && each.number === number);
}

/** The root by the definition of RFC 6962 alone. */
function plainRoot(size: number): Uint8Array {
  return rootOfHashes(concatBytes(...Array.from({ length: size }, (_, i) => hashEntry(entryNumber(i)))));
}

/** Sizes around the borders of tiles and powers of two. */
const SIZES = [1, 2, 3, 7, 8, 255, 256, 257, 511, 512, 513, 700];

describe("the tree of the log", () => {
  // The leaves and roots that implementations of certificate transparency share.
  const INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
  const ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
  ];

  it("has the roots that certificate transparency has", () => {
    assert.equal(hex(EMPTY_ROOT), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const leaves = INPUTS.map((input) => hashLeaf(Buffer.from(input, "hex")));
    const roots = ROOTS.map((_, i) => hex(rootOfHashes(concatBytes(...leaves.slice(0, i + 1)))));
    assert.deepEqual(roots, ROOTS);
  });

  it("has the same proofs as certificate transparency", () => {
    const leaves = concatBytes(...INPUTS.map((input) => hashLeaf(Buffer.from(input, "hex"))));
    const read: ReadTile = () => leaves;
    // Of the same implementations: entry 5 of 8, and from 6 to 8.
    assert.deepEqual(inclusionProof(5, 8, read).map(hex), [
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
    assert.deepEqual(consistencyProof(6, 8, read).map(hex), [
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]);
  });

  it("is the same in tiles however it grew", () => {
    for (const portions of [[700], [1, 255, 256, 188], Array(700).fill(1), [257, 443]]) {
      const { tiles, read } = grow(...portions);
      for (const size of SIZES) assert.equal(hex(rootOf(size, read)), hex(plainRoot(size)), `${size}`);
      assert.deepEqual(
        [...tiles.values()].map(({ level, number, hashes }) => `${level}/${number}/${hashes.length / 32}`).sort(),
        ["-1/0/256", "-1/1/256", "-1/2/188", "0/0/256", "0/1/256", "0/2/188", "1/0/2"],
      );
    }
  });

  it("needs the tiles of its edge to grow", () => {
    const { tiles } = grow(300);
    assert.throws(() => growTree(300, [], [entryNumber(300)]), /tile 1 of level -1 does not have 44 hashes/);
    const edge = [...tiles.values()].filter(isOnEdge(300));
    assert.throws(() => growTree(301, edge, [entryNumber(301)]), RangeError);
  });

  it("proves each entry in each tree, and no other place or tree", () => {
    const { read } = grow(700);
    for (const size of SIZES) {
      const root = Buffer.from(rootOf(size, read));
      for (const index of [0, 1, 254, 255, 256, size - 2, size - 1].filter((each) => each >= 0 && each < size)) {
        const proof = inclusionProof(index, size, read);
        const leaf = hashEntry(entryNumber(index));
        assert.equal(hex(rootFromInclusion(index, size, leaf, proof)!), hex(root));
        assert.notDeepEqual(rootFromInclusion(index, size, hashEntry(entryNumber(index + 1)), proof), root);
        if (size > 1) assert.notDeepEqual(rootFromInclusion((index + 1) % size, size, leaf, proof), root);
        assert.equal(rootFromInclusion(index, size, leaf, [...proof, root]), undefined);
        if (proof.length > 0) assert.notDeepEqual(rootFromInclusion(index, size, leaf, proof.slice(1)), root);
      }
    }
    assert.throws(() => inclusionProof(700, 700, read), RangeError);
  });

  it("proves that one tree grew out of another, and of no other", () => {
    const { read } = grow(700);
    const head = (size: number) => ({ size, root: rootOf(size, read) });
    for (const old of [0, ...SIZES]) {
      for (const size of SIZES.filter((each) => each >= old)) {
        const proof = consistencyProof(old, size, read);
        assert.ok(isConsistent(head(old), head(size), proof), `${old} to ${size}`);
        const forked = { size: old, root: hash("sha256", "forked", "buffer") as Uint8Array };
        assert.ok(!isConsistent(forked, head(size), proof), `${old} to ${size}`);
        assert.ok(!isConsistent(head(old), { size, root: forked.root }, proof) || old === 0, `${old} to ${size}`);
        assert.ok(!isConsistent(head(old), head(size), [...proof, forked.root]));
        if (old !== size) assert.ok(!isConsistent(head(size), head(old), proof));
      }
    }
  });

  it("says which tiles a root and an entry take, and no others are looked at", () => {
    const { read } = grow(70_000);
    const reading =
      (names: readonly (readonly [number, number])[]): ReadTile =>
      (level, number, width) =>
        names.some(([l, n]) => l === level && n === number) ? read(level, number, width) : undefined;
    for (const size of [1, 256, 257, 65_536, 65_537, 70_000]) {
      assert.deepEqual(rootOf(size, reading(tilesOfRoot(size))), rootOf(size, read));
      for (const index of [0, size - 1, Math.floor(size / 2)]) {
        const names = [...tilesOfRoot(size), ...tilesOfEntry(index, size)];
        assert.deepEqual(inclusionProof(index, size, reading(names)), inclusionProof(index, size, read));
      }
    }
    assert.throws(() => rootOf(257, reading([])), TileMissing);
    assert.deepEqual(hashOfRange(256, 512, reading([[1, 0]])), hashOfRange(256, 512, read));
  });

  it("has as many hashes in a tile as the specification of tiles says", () => {
    // C2SP tlog-tiles, "Partial tiles": a tree of size 70,000.
    assert.deepEqual(
      [widthOf(70_000, 0, 272), widthOf(70_000, 0, 273), widthOf(70_000, 0, 274), widthOf(70_000, 1, 0)],
      [256, 112, 0, 256],
    );
    assert.deepEqual([widthOf(70_000, 1, 1), widthOf(70_000, 2, 0), widthOf(256, 1, 0)], [17, 1, 1]);
  });

  it("names tiles as the specification does", () => {
    assert.equal(tilePath(0, 1_234_067, 256), "tile/0/x001/x234/067");
    assert.equal(tilePath(1, 0, 17), "tile/1/000.p/17");
    assert.equal(tilePath(-1, 1000, 256), "tile/entries/x001/000");
    fc.assert(
      fc.property(fc.nat(7), fc.nat(2 ** 30), fc.integer({ min: 1, max: 256 }), (level, number, width) => {
        assert.deepEqual(parseTilePath(tilePath(level, number, width)), { level, number, width });
      }),
    );
    for (const path of [
      "tile/0/1",
      "tile/0/x000/001",
      "tile/0/000.p/0",
      "tile/0/000.p/256",
      "tile/9/000",
      "tile/0/../a",
    ]) {
      assert.equal(parseTilePath(path), undefined, path);
    }
  });
});
