#!/usr/bin/env python3
"""Verifies a bundle of Metergate's message log by docs/message-log.md, with Python's standard library alone.

usage: verify_bundle.py BUNDLE [--key KEY]... [--witness KEY]... [--checkpoint FILE]...
Prints what is wrong and where, one line each, then the verdict. Exit code: 0 accepted, 1 refused.
"""
import argparse, base64, hashlib, json, os, re, sys

P, Q = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493  # RFC 8032, section 5.1
D = -121665 * pow(121666, P - 2, P) % P


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def add(a, b):
    e, f, c, d = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0]), 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = f - e, d - c, d + c, f + e
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(n, point):
    result = (0, 1, 1, 0)
    while n:
        if n & 1:
            result = add(result, point)
        point, n = add(point, point), n >> 1
    return result


def point_of(octets):
    y = int.from_bytes(octets, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise ValueError("no point")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


MEMBERS = {
    1: "application bodySha256 correlationUid device direction index operation organisation redactions service "
       "storedSha256 timeMs user version",
    2: "application bodyHash class correlationUid device direction operation organisation redactions service storedHash "
       "timeMs user version"}
BASE = point_of(bytes.fromhex("58" + "66" * 31))


def is_signed(key, text, signature):
    try:
        a, r, s = point_of(key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    except ValueError:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % Q
    left, right = multiply(s, BASE), add(r, multiply(k, a))
    equal = (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0
    return len(signature) == 64 and s < Q and equal


class Wrong(Exception):
    pass


def parse_leaf(octets):
    """None unless it is canonical: what stands there twice, others could read otherwise."""
    try:
        leaf = json.loads(octets)
        again = json.dumps(leaf, ensure_ascii=False, separators=(",", ":")).encode()
        plain = all(type(value) is str or type(value) is int and 0 <= value < 2**53 for value in leaf.values())
        names = " ".join(leaf)
    except (ValueError, AttributeError, RecursionError):
        return None
    version = leaf.get("version")
    return leaf if again == octets and plain and MEMBERS.get(version, names) == names else None


def unbase64(text):
    octets = base64.b64decode(text, validate=True)
    if base64.b64encode(octets).decode() != text:
        raise ValueError("base64")
    return octets


def parse_key(text):
    match = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+(\S+)", text)
    name, key = match[1], unbase64(match[3])
    if len(key) != 33 or key[0] not in (1, 4) or sha256(name.encode(), b"\n", key)[:4].hex() != match[2]:
        raise ValueError("no verifier key")
    return name, key


class Checkpoint:
    def __init__(self, name, octets):
        try:
            note = octets.decode()
            cut = note.rindex("\n\n") + 1
            self.name, self.text = name, note[:cut]
            if not note.endswith("\n") or re.search(r"[\x00-\x09\x0b-\x1f]", note):
                raise ValueError
            lines = [re.fullmatch("\u2014 ([^\\s+]+) (\\S+)", line) for line in note[cut + 1 : -1].split("\n")]
            self.signatures = [(line[1], unbase64(line[2])) for line in lines]
            self.origin, size, root = self.text.split("\n")[:3]
            self.size, self.root = int(re.fullmatch(r"0|[1-9]\d{0,15}", size)[0]), unbase64(root)
            if not self.origin or len(self.root) != 32:
                raise ValueError
        except (ValueError, TypeError):
            raise Wrong(f"{name}: it is no checkpoint")

    def is_signed_by(self, key):
        name, octets = key
        text, wanted = self.text.encode(), sha256(name.encode(), b"\n", octets)[:4]
        found = [made for signer, made in self.signatures if signer == name and made[:4] == wanted]
        for made in found:
            signature = made[4:]
            if octets[0] == 4:
                time = int.from_bytes(signature[:8], "big")
                text, signature = f"cosignature/v1\ntime {time}\n{self.text}".encode(), signature[8:]
            if not is_signed(octets[1:], text, signature):
                raise Wrong(f"{self.name}: the signature of {name} is wrong")
        return bool(found)


class Bundle:
    def __init__(self, folder):
        self.folder, self.findings, self.tiles, self.keys, self.erased, self.tombstones = folder, [], {}, [], [], []
        self.count, self.origin = 0, "?"

    def wrong(self, text, first=None, last=None):
        if self.findings and first is not None and self.findings[-1][1] == text and self.findings[-1][3] == first - 1:
            self.findings[-1][3] = first if last is None else last
        elif first is not None or all(each[1] != text for each in self.findings):
            self.findings.append([first is None, text, first, first if last is None else last])

    def read(self, name):
        try:
            with open(os.path.join(self.folder, *name.split("/")), "rb") as file:
                return file.read()
        except FileNotFoundError:
            raise Wrong(f"there is no file {name}")

    def attempt(self, work, *values):
        try:
            return work(*values)
        except Wrong as error:
            self.wrong(str(error))

    def width(self, level, number):
        return max(0, min(256, self.size // 256**level - 256 * number))

    def path(self, level, number):
        digits, width = str(number), self.width(level, number)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        end = "" if width == 256 else f".p/{width}"
        return f"tile/{level}/" + "/".join(["x" + group for group in groups[:-1]] + groups[-1:]) + end

    def tile(self, level, number):
        if (level, number) not in self.tiles:
            octets = self.read(self.path(level, number))
            if len(octets) != 32 * self.width(level, number):
                raise Wrong(f"{self.path(level, number)}: it has {len(octets)} octets")
            self.tiles[level, number] = octets
        return self.tiles[level, number]

    def hash_of(self, start, end, hashes=None):
        """RFC 6962, section 2.1: of entries out of tiles, or of hashes that are given."""
        length = end - start
        split = 1 << (length - 1).bit_length() - 1 if length > 1 else 0
        if length == 0:
            return sha256()
        if hashes and length == 1:
            return hashes[32 * start : 32 * end]
        if not hashes and length == (2 * split or 1):
            level = (length.bit_length() - 1) // 8
            number, first = divmod(start // 256**level, 256)
            last = first + length // 256**level
            if last > self.width(level, number):
                raise Wrong(f"{self.path(level, number)} is too short")
            return self.hash_of(first, last, self.tile(level, number))
        return sha256(b"\1", self.hash_of(start, start + split, hashes), self.hash_of(start + split, end, hashes))

    def verify(self, trust):
        manifest = self.parse_manifest(self.read("manifest").decode("utf-8", "replace"))
        head = Checkpoint("checkpoint", self.read("checkpoint"))
        self.size, self.origin = head.size, head.origin
        older = self.verify_files()
        if self.attempt(self.hash_of, 0, self.size) != head.root:
            self.wrong("the tree is not the one that was signed", 0, self.size - 1)
        self.attempt(self.verify_entries, *manifest)
        self.verify_signatures(older + [head], trust.key)
        self.verify_history(older, trust.checkpoint)
        for witness in trust.witness:
            if not self.attempt(head.is_signed_by, witness):
                self.wrong(f"checkpoint: {witness[0]} did not cosign it")

    def parse_manifest(self, text):
        match = re.fullmatch(
            r"metergate-log-bundle/1\nfrom (0|[1-9]\d*)\nto (0|[1-9]\d*)\n"
            r"(?:organisation (.*)\n)?(?:device (.*)\n)?(?:uid (.*)\n)?", text)
        if not match:
            raise Wrong("manifest: it is not written as it must be")
        names = ("organisation", "device", "correlationUid")
        return int(match[1]), int(match[2]), {n: json.loads(v) for n, v in zip(names, match.groups()[2:]) if v}

    def verify_files(self):
        older = []
        for folder, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), self.folder).replace(os.sep, "/")
                tile = re.fullmatch(r"tile/(\d)/((?:x\d{3}/)*\d{3})(?:\.p/\d+)?", path)
                kept = re.fullmatch(r"(checkpoints|timestamps)/(0|[1-9]\d*)(\.note|\.tsr)?", path)
                if tile and self.path(int(tile[1]), int(re.sub("[x/]", "", tile[2]))) == path:
                    self.attempt(self.verify_tile, int(tile[1]), int(re.sub("[x/]", "", tile[2])))
                elif kept and kept[1] == "checkpoints" and not kept[3]:
                    older.append(self.attempt(Checkpoint, path, self.read(path)))
                    if older[-1] and older[-1].size != int(kept[2]):
                        self.wrong(f"{path}: it is a checkpoint of {older[-1].size}")
                elif kept and kept[1] == "timestamps" and kept[3] == ".tsr":
                    self.attempt(self.verify_timestamp, path, kept[2])
                elif path not in ("manifest", "checkpoint", "entries") and not (kept and kept[3] == ".note"):
                    self.wrong(f"{path} has no place in this bundle")
        return sorted((each for each in older if each), key=lambda each: each.size)

    def verify_tile(self, level, number):
        hashes = self.tile(level, number)
        above = self.tile(level + 1, number // 256) if len(hashes) == 8192 else b""
        if above and self.hash_of(0, 256, hashes) != above[32 * (number % 256) :][:32]:
            unit = 256 ** (level + 1)
            self.wrong(f"{self.path(level, number)} is not the one that was signed", number * unit, number * unit + unit - 1)

    def verify_timestamp(self, path, size):
        note = self.read(f"timestamps/{size}.note")
        kept = self.read("checkpoint" if int(size) == self.size else f"checkpoints/{size}")
        if sha256(note) not in self.read(path) or note.split(b"\n\n")[0] != kept.split(b"\n\n")[0]:
            raise Wrong(f"{path} is not a stamp of the checkpoint of {size} entries")

    def records(self):
        with open(os.path.join(self.folder, "entries"), "rb") as file:
            while head := file.readline(100):
                match = re.fullmatch(rb"(0|[1-9]\d*) (-|[0-9a-f]{32}) ([1-9]\d*) (erased|0|[1-9]\d*)\n", head)
                if not match:
                    raise Wrong(f"entries, octet {file.tell() - len(head)}: no line with index, salt and lengths")
                leaf = file.read(int(match[3]) + 1)
                payload = file.read(1 + (0 if match[4] == b"erased" else int(match[4])))
                if leaf[-1:] != b"\n" or payload[-1:] != b"\n":
                    raise Wrong(f"entries, octet {file.tell()}: the lengths of entry {int(match[1])} are wrong")
                salt = b"" if match[2] == b"-" else bytes.fromhex(match[2].decode())
                yield int(match[1]), salt, leaf[:-1], None if match[4] == b"erased" else payload[:-1]

    def verify_entries(self, begin, end, filters):
        if not begin <= end <= self.size:
            raise Wrong(f"manifest: entries {begin} to {end} of {self.size}")
        expected, last = begin, -1
        try:
            for index, salt, leaf, payload in self.records():
                self.count += 1
                if index <= last or index >= self.size:
                    self.wrong("the entry stands where it does not belong", index)
                    continue
                last = index
                self.missing(filters, expected, min(index, end))
                expected = max(expected, index + 1)
                self.attempt(self.verify_entry, index, salt, leaf, payload, begin, end, filters)
        finally:
            self.missing(filters, expected, end)
        for index, leaf in self.erased:
            if not any(at > index and t["class"] == leaf.get("class") and t["from"] <= index < t["to"]
                       and leaf["timeMs"] < t["beforeMs"] for at, t in self.tombstones):
                self.wrong("no entry says that the payload was erased", index)

    def missing(self, filters, first, end):
        if not filters and first < end:
            self.wrong("the entry is not there", first, end - 1)

    def verify_entry(self, index, salt, leaf, payload, begin, end, filters):
        hashed = sha256(b"\0", sha256(b"\0", leaf))
        if self.tile(0, index // 256)[32 * (index % 256) :][:32] != hashed:
            return self.wrong("the tree has another entry at this place", index)
        said = parse_leaf(leaf)
        if said is None:
            return self.wrong("the leaf is not written as it must be", index)
        if said.get("version") not in MEMBERS:
            return self.wrong("the leaf has a version that is not known", index)
        body, stored = (said[name + ("Sha256" if said["version"] == 1 else "Hash")] for name in ("body", "stored"))
        if (body != stored) != (said["redactions"] > 0):
            self.wrong("hashes and count of secrets contradict each other", index)
        own = said.get("class") == "log"
        fits = begin <= index < end and all(said[name] == value for name, value in filters.items())
        if said.get("index", index) != index or not (own or fits):
            self.wrong("the entry stands where it does not belong", index)
        if payload is None:
            return self.erased.append((index, said))
        if sha256(salt, payload).hex() != stored:
            return self.wrong("the payload is not the one that was logged", index)
        if own and said["operation"] == "key added":
            self.keys.append((index, parse_key(json.loads(payload)["key"])))
        if own and said["operation"] == "erased":
            self.tombstones.append((index, json.loads(payload)))

    def verify_signatures(self, heads, known):
        believed, signed, before = list(known) or [key for _, key in self.keys], set(), -1
        while len(signed) > before:
            before = len(signed)
            for head in heads:
                if head not in signed and any(self.attempt(head.is_signed_by, k) for k in believed if k[0] == head.origin):
                    signed.add(head)
                    believed += [key for index, key in self.keys if index < head.size and key not in believed]
        for head in heads:
            if head not in signed:
                self.wrong(f"{head.name}: no known key of the log signed it")

    def verify_history(self, older, files):
        sound = 0
        for head in sorted(older + [Checkpoint(name, open(name, "rb").read()) for name in files], key=lambda h: h.size):
            if head.size > self.size:
                self.wrong(f"{head.name} has {head.size} entries: the rest was cut off", self.size, head.size - 1)
            elif head.origin != self.origin or self.attempt(self.hash_of, 0, head.size) != head.root:
                self.wrong(f"{head.name} is of another tree", sound, head.size - 1)
            else:
                sound = head.size


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("bundle")
    for name, kind in (("key", parse_key), ("witness", parse_key), ("checkpoint", str)):
        parser.add_argument(f"--{name}", action="append", default=[], type=kind)
    trust = parser.parse_args()
    bundle = Bundle(trust.bundle)
    bundle.attempt(bundle.verify, trust)
    for _, text, first, last in sorted(bundle.findings, key=lambda each: (each[0], each[2] or 0)):
        place = "" if first is None else f"entry {first}: " if first == last else f"entries {first} to {last}: "
        print(place + text)
    if not trust.key:
        print("the key came from the bundle: this proves only that it agrees with itself; give the key with --key")
    verdict = "REFUSED" if bundle.findings else "accepted"
    print(f"log {bundle.origin}: {bundle.count} entries verified, {len(bundle.findings)} defects: {verdict}")
    return 1 if bundle.findings else 0


if __name__ == "__main__":
    sys.exit(main())
