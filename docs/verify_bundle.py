#!/usr/bin/env python3
"""Verifies a bundle of Metergate's message log by docs/message-log.md, with Python's standard library alone.

usage: verify_bundle.py BUNDLE [--key KEY]... [--witness KEY]... [--checkpoint FILE]...
Prints the first thing that is wrong in each step and where, then the verdict. Exit code: 0 accepted, 1 refused.
"""
import argparse, base64, collections, hashlib, json, os, re, sys

MEMBERS = {
    1: "application bodySha256 correlationUid device direction index operation organisation redactions service "
       "storedSha256 timeMs user version",
    2: "application bodyHash class correlationUid device direction operation organisation redactions service "
       "storedHash timeMs user version"}
Checkpoint = collections.namedtuple("Checkpoint", "file text origin size root signatures")


class Wrong(Exception):
    pass


def require(holds, text):
    if not holds:
        raise Wrong(text)


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def unbase64(text):
    octets = base64.b64decode(text, validate=True)
    if base64.b64encode(octets).decode() != text:
        raise ValueError("base64")
    return octets


# Ed25519: RFC 8032, section 5.1, with points as (x, y).
P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add(a, b):
    k = D * a[0] * b[0] * a[1] * b[1]
    return (a[0] * b[1] + a[1] * b[0]) * pow(1 + k, -1, P) % P, (a[1] * b[1] + a[0] * b[0]) * pow(1 - k, -1, P) % P


def multiply(n, point):
    if n == 0:
        return 0, 1
    rest = multiply(n >> 1, add(point, point))
    return add(rest, point) if n & 1 else rest


def point_of(octets):
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    x = x * pow(2, (P - 1) // 4, P) % P if (x * x - square) % P else x
    require(len(octets) == 32 and y < P and (x * x - square) % P == 0 and not (x == 0 and sign), "it is no point")
    return P - x if x & 1 != sign else x, y


def verify_signature(key, text, signature):
    a, r, s = point_of(key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % Q
    base = point_of(b"\x58" + b"\x66" * 31)
    require(len(signature) == 64 and s < Q and multiply(s, base) == add(r, multiply(k, a)), "it does not fit")


def parse_key(text):
    match = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+(\S+)", text)
    name, octets = match[1], unbase64(match[3])
    if len(octets) != 33 or octets[0] not in (1, 4) or sha256(name.encode(), b"\n", octets)[:4].hex() != match[2]:
        raise ValueError("no verifier key")
    return name, octets


def parse_checkpoint(file, octets):
    try:
        note = octets.decode()
        text, origin, size, root, lines = re.fullmatch(
            "((.+)\n(0|[1-9][0-9]{0,15})\n(.+)\n(?:.*\n)*)\n((?:\u2014 [^\\s+]+ \\S+\n)+)", note).groups()
        signatures = [(name, unbase64(made)) for _, name, made in (line.split(" ") for line in lines.splitlines())]
        head = Checkpoint(file, text, origin, int(size), unbase64(root), signatures)
    except (ValueError, AttributeError):
        raise Wrong(f"{file}: it is no checkpoint")
    require(len(head.root) == 32 and not re.search(r"[\x00-\x09\x0b-\x1f]", note), f"{file}: it is no checkpoint")
    return head


def is_signed_by(head, key):
    """Whether there is a signature of this key; a wrong one is refused. A witness, of type 4, signs the time, too."""
    name, octets = key
    number, has_signed = sha256(name.encode(), b"\n", octets)[:4], False
    for made in [made[4:] for signer, made in head.signatures if signer == name and made[:4] == number]:
        text, signature, has_signed = head.text, made, True
        if octets[0] == 4:
            text, signature = f"cosignature/v1\ntime {int.from_bytes(made[:8], 'big')}\n{text}", made[8:]
        try:
            verify_signature(octets[1:], text.encode(), signature)
        except Wrong as why:
            raise Wrong(f"{head.file}: the signature of {name} is wrong: {why}")
    return has_signed


def parse_leaf(octets):
    """None unless it is canonical: what stands there twice, others could read otherwise."""
    try:
        leaf = json.loads(octets)
        again = json.dumps(leaf, ensure_ascii=False, separators=(",", ":")).encode()
        plain = all(type(value) is str or type(value) is int and 0 <= value < 2**53 for value in leaf.values())
    except (ValueError, AttributeError, RecursionError):
        return None
    names = " ".join(leaf)
    return leaf if again == octets and plain and MEMBERS.get(leaf.get("version"), names) == names else None


def tree_hash(hashes):
    """RFC 6962, section 2.1, above these hashes."""
    split = 1 << (len(hashes) - 1).bit_length() - 1 if len(hashes) > 1 else 0
    return sha256(b"\1", tree_hash(hashes[:split]), tree_hash(hashes[split:])) if split else hashes[0]


class Bundle:
    """A method for each step of "How it is verified", in their order."""

    def __init__(self, folder, trust):
        self.folder, self.trust, self.count, self.head, self.older = folder, trust, 0, None, []
        self.keys, self.tiles = [], {}

    def read(self, name):
        with open(os.path.join(self.folder, *name.split("/")), "rb") as file:
            return file.read()

    def verify_heads(self):
        text = self.read("manifest").decode("utf-8", "replace")
        manifest = re.fullmatch(
            r"metergate-log-bundle/1\nfrom (0|[1-9][0-9]*)\nto (0|[1-9][0-9]*)\n"
            r"(?:organisation (.*)\n)?(?:device (.*)\n)?(?:uid (.*)\n)?", text)
        require(manifest, "manifest: it is not written as it must be")
        self.begin, self.end = int(manifest[1]), int(manifest[2])
        asked = zip(("organisation", "device", "correlationUid"), manifest.groups()[2:])
        self.asked = {name: json.loads(value) for name, value in asked if value}
        self.head = parse_checkpoint("checkpoint", self.read("checkpoint"))

    def verify_tree(self):
        try:
            require(self.root(0, self.head.size) == self.head.root, "another root")
        except (Wrong, OSError) as why:
            raise Wrong(f"entries 0 to {self.head.size - 1}: the tree is not the one that was signed: {why}")

    def verify_files(self):
        """Each has its place; the tiles among them as they are read, older checkpoints, and stamps."""
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), self.folder).replace(os.sep, "/")
                tile = re.fullmatch(r"tile/([0-9])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/[0-9]+)?", path)
                kept = re.fullmatch(r"(?:checkpoints/([0-9]+)|timestamps/([0-9]+)\.(?:note|tsr))", path)
                if tile:
                    level, number = int(tile[1]), int(re.sub("[x/]", "", tile[2]))
                    require(self.path(level, number) == path, f"{path} has no place in this bundle")
                    self.tile(level, number)
                elif kept and kept[1]:
                    self.older.append(parse_checkpoint(path, self.read(path)))
                    require(str(self.older[-1].size) == kept[1], f"{path}: it is a checkpoint of {self.older[-1].size}")
                elif path.endswith(".tsr"):
                    note = self.read(f"timestamps/{kept[2]}.note")
                    of = self.read("checkpoint" if int(kept[2]) == self.head.size else f"checkpoints/{kept[2]}")
                    is_stamp = sha256(note) in self.read(path) and note.split(b"\n\n")[0] == of.split(b"\n\n")[0]
                    require(is_stamp, f"{path} is not a stamp of the checkpoint of {kept[2]} entries")
                else:
                    has_place = kept or path in ("manifest", "checkpoint", "entries")
                    require(has_place, f"{path} has no place in this bundle")

    def width(self, level, number):
        return max(0, min(256, self.head.size // 256**level - 256 * number))

    def path(self, level, number):
        groups = re.findall("...", str(number).zfill(-(-len(str(number)) // 3) * 3))
        end = "" if self.width(level, number) == 256 else f".p/{self.width(level, number)}"
        return f"tile/{level}/" + "".join(f"x{each}/" for each in groups[:-1]) + groups[-1] + end

    def tile(self, level, number):
        """Its hashes; the root over a full one is what the tile above has for it."""
        if (level, number) not in self.tiles:
            path, unit = self.path(level, number), 256 ** (level + 1)
            octets = self.read(path)
            require(len(octets) == 32 * self.width(level, number), f"{path}: it has {len(octets)} octets")
            hashes = [octets[at : at + 32] for at in range(0, len(octets), 32)]
            require(len(hashes) < 256 or tree_hash(hashes) == self.tile(level + 1, number // 256)[number % 256],
                    f"entries {number * unit} to {(number + 1) * unit - 1}: {path} is not the one that was signed")
            self.tiles[level, number] = hashes
        return self.tiles[level, number]

    def root(self, start, end):
        """RFC 6962, section 2.1, of these entries, out of the tiles."""
        length = end - start
        split = 1 << (length - 1).bit_length() - 1 if length > 1 else 0
        if length == 0:
            return sha256()
        if length != (2 * split or 1):
            return sha256(b"\1", self.root(start, start + split), self.root(start + split, end))
        unit = 256 ** ((length.bit_length() - 1) // 8)
        number, first = divmod(start // unit, 256)
        return tree_hash(self.tile((length.bit_length() - 1) // 8, number)[first : first + length // unit])

    def records(self):
        with open(os.path.join(self.folder, "entries"), "rb") as file:
            while head := file.readline(100):
                match = re.fullmatch(rb"(0|[1-9][0-9]*) (-|[0-9a-f]{32}) ([1-9][0-9]*) (erased|0|[1-9][0-9]*)\n", head)
                require(match, f"entries, octet {file.tell() - len(head)}: no line with index, salt and lengths")
                index, salt, is_erased = int(match[1]), match[2].decode().strip("-"), match[4] == b"erased"
                leaf, payload = file.read(int(match[3]) + 1), file.read(1 + (0 if is_erased else int(match[4])))
                is_whole = leaf[-1:] == payload[-1:] == b"\n"
                require(is_whole, f"entries, octet {file.tell()}: the lengths of entry {index} are wrong")
                yield index, bytes.fromhex(salt), leaf[:-1], None if is_erased else payload[:-1]

    def verify_entries(self):
        require(self.begin <= self.end <= self.head.size, f"manifest: its range is not in {self.head.size} entries")
        expected, last, erased, told = self.begin, -1, [], []
        for index, salt, leaf, payload in self.records():
            self.count += 1
            self.verify_missing(expected, min(index, self.end))
            require(last < index < self.head.size, f"entry {index}: it stands where it does not belong")
            said = self.verify_leaf(index, leaf)
            last, expected, own = index, max(expected, index + 1), said.get("class") == "log"
            if payload is None:
                erased.append((index, said))
                continue
            stored = said["storedSha256" if said["version"] == 1 else "storedHash"]
            require(sha256(salt, payload).hex() == stored, f"entry {index}: the payload is not the one that was logged")
            if own and said["operation"] == "key added":
                self.keys.append((index, parse_key(json.loads(payload)["key"])))
            if own and said["operation"] == "erased":
                told.append((index, json.loads(payload)))
        self.verify_missing(expected, self.end)
        for index, said in erased:
            is_told = any(at > index and that["class"] == said.get("class") and that["from"] <= index < that["to"]
                          and said["timeMs"] < that["beforeMs"] for at, that in told)
            require(is_told, f"entry {index}: no entry says that the payload was erased")

    def verify_missing(self, first, end):
        require(self.asked or first >= end, f"entries {first} to {end - 1}: they are not there")

    def verify_leaf(self, index, leaf):
        is_in_tree = self.tile(0, index // 256)[index % 256] == sha256(b"\0", sha256(b"\0", leaf))
        require(is_in_tree, f"entry {index}: the tree has another entry at this place")
        said = parse_leaf(leaf)
        require(said is not None, f"entry {index}: the leaf is not written as it must be")
        require(said.get("version") in MEMBERS, f"entry {index}: the leaf has a version that is not known")
        body, stored = (said[name + ("Sha256" if said["version"] == 1 else "Hash")] for name in ("body", "stored"))
        is_consistent = (body != stored) == (said["redactions"] > 0)
        require(is_consistent, f"entry {index}: hashes and count of secrets contradict each other")
        fits = self.begin <= index < self.end and all(said[name] == value for name, value in self.asked.items())
        is_placed = said.get("index", index) == index and (said.get("class") == "log" or fits)
        require(is_placed, f"entry {index}: it stands where it does not belong")
        return said

    def verify_signatures(self):
        heads, believed, signed = self.older + [self.head], self.trust.key or [key for _, key in self.keys], []
        for _ in heads:
            for head in [each for each in heads if each not in signed]:
                if any([is_signed_by(head, key) for key in believed if key[0] == head.origin]):
                    signed.append(head)
                    believed = believed + [key for index, key in self.keys if index < head.size]
        for head in heads:
            require(head in signed, f"{head.file}: no known key of the log signed it")

    def verify_history(self):
        size, sound = self.head.size, 0
        known = [parse_checkpoint(name, open(name, "rb").read()) for name in self.trust.checkpoint]
        for head in sorted(self.older + known, key=lambda each: each.size):
            require(head.size <= size, f"entries {size} to {head.size - 1}: they were cut off, says {head.file}")
            is_same = head.origin == self.head.origin and self.root(0, head.size) == head.root
            require(is_same, f"entries {sound} to {head.size - 1}: {head.file} is of another tree")
            sound = head.size

    def verify_witnesses(self):
        for key in self.trust.witness:
            require(is_signed_by(self.head, key), f"checkpoint: {key[0]} did not cosign it")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bundle")
    for name, kind in (("key", parse_key), ("witness", parse_key), ("checkpoint", str)):
        parser.add_argument(f"--{name}", action="append", default=[], type=kind)
    trust = parser.parse_args()
    bundle, defects = Bundle(trust.bundle, trust), 0
    for step in (bundle.verify_heads, bundle.verify_tree, bundle.verify_files, bundle.verify_entries,
                 bundle.verify_signatures, bundle.verify_history, bundle.verify_witnesses):
        try:
            step()
        except (Wrong, OSError) as wrong:
            print(wrong)
            defects += 1
            if step == bundle.verify_heads:
                break
    if not trust.key:
        print("the key came from the bundle: this proves only that it agrees with itself; give the key with --key")
    origin = bundle.head.origin if bundle.head else "?"
    print(f"log {origin}: {bundle.count} entries verified, {defects} defects: {'REFUSED' if defects else 'accepted'}")
    return 1 if defects else 0


if __name__ == "__main__":
    sys.exit(main())
