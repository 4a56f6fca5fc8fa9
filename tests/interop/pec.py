#!/usr/bin/env python3
"""Checks a Kanmon log with nothing but Python's standard library and the published specifications: RFC 6962 (hashing and
inclusion), c2sp.org signed-note, tlog-checkpoint, tlog-tiles and tlog-proof, RFC 8032 (Ed25519), RFC 8949 (CBOR). It shares no code
with Kanmon, so that the two can be held against each other.

    pec.py log FOLDER                   every entry against the signed root of the copy in FOLDER
    pec.py proof FILE VERIFIER_KEY      a *.tlog-proof file against the device's verifier key

Prints one JSON document; exit code 0: verified, 1: not.
"""

import base64
import hashlib
import json
import os
import sys


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


# RFC 8032 section 5.1: Ed25519 over integers. Slow and plain; verification handles no secret.
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]), (p[1] + p[0]) * (q[1] + q[0])
    c, d = 2 * p[3] * q[3] * D, 2 * p[2] * q[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(n, p):
    q = (0, 1, 1, 0)
    while n:
        if n & 1:
            q = add(q, p)
        p, n = add(p, p), n >> 1
    return q


def point(data):
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        raise ValueError("not a point")
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - x2) % P or (x == 0 and sign):
        raise ValueError("not a point")
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def ed25519_verifies(key, message, signature):
    if len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    try:
        left, right = multiply(s, BASE), add(point(signature[:32]), multiply(k, point(key)))
    except ValueError:
        return False
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


# c2sp.org/signed-note and c2sp.org/tlog-checkpoint.
def verifier(text):
    name, key_id, body = text.strip().split("+", 2)
    body = base64.b64decode(body, validate=True)
    if body[0] != 1 or len(body) != 33 or sha256(name.encode(), b"\n", body)[:4].hex() != key_id:
        raise ValueError("not an Ed25519 verifier key")
    return name, bytes.fromhex(key_id), body[1:]


def checkpoint(note, key):
    name, key_id, public = key
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    good = False
    for line in signatures.splitlines():
        dash, signer, body = line.split(" ")
        body = base64.b64decode(body, validate=True)
        if dash == "\u2014" and signer == name and body[:4] == key_id:
            if not ed25519_verifies(public, text.encode(), body[4:]):
                raise ValueError("the signature is wrong")
            good = True
    if not good:
        raise ValueError("not signed by " + name)
    origin, size, root = text.splitlines()[:3]
    if origin != name:
        raise ValueError("a checkpoint of " + origin)
    return int(size), base64.b64decode(root, validate=True)


# RFC 6962 section 2.1.
def leaf_hash(entry):
    return sha256(b"\x00", entry)


def root_of(hashes):
    if not hashes:
        return sha256()
    if len(hashes) == 1:
        return hashes[0]
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return sha256(b"\x01", root_of(hashes[:k]), root_of(hashes[k:]))


def root_from_path(leaf, index, size, path):
    """The root that an inclusion path leads to, by the recursive definition of section 2.1.1."""
    if size == 1:
        if path:
            raise ValueError("the path is too long")
        return leaf
    if not path:
        raise ValueError("the path is too short")
    k = 1 << (size - 1).bit_length() - 1
    if index < k:
        return sha256(b"\x01", root_from_path(leaf, index, k, path[:-1]), path[-1])
    return sha256(b"\x01", path[-1], root_from_path(leaf, index - k, size - k, path[:-1]))


# RFC 8949: what a record uses. Deterministic (section 4.2.1), or it is refused.
def cbor(data, at=0):
    first = data[at]
    kind, value, at = first >> 5, first & 31, at + 1
    if kind == 7:
        return {20: False, 21: True, 22: None}[value], at
    if value > 23:
        length = 1 << (value - 24)
        least = 24 if length == 1 else 1 << 4 * length
        value, at = int.from_bytes(data[at : at + length], "big"), at + length
        if value < least or length > 8:
            raise ValueError("not the shortest form")
    if kind == 0:
        return value, at
    if kind == 1:
        return -1 - value, at
    if kind in (2, 3):
        text = data[at : at + value]
        if len(text) != value:
            raise ValueError("cut")
        return (text if kind == 2 else text.decode()), at + value
    if kind != 5:
        raise ValueError("not of a record")
    result, last = {}, b""
    for _ in range(value):
        start = at
        key, at = cbor(data, at)
        if data[start:at] <= last:
            raise ValueError("keys out of order")
        last = data[start:at]
        result[key], at = cbor(data, at)
    return result, at


def record(entry, index):
    value, end = cbor(entry)
    if end != len(entry) or value["v"] != 1 or value["index"] != index:
        raise ValueError("entry %d is not its record" % index)
    return value


def tile_path(kind, index, width):
    parts = ["%03d" % (index % 1000)]
    while index >= 1000:
        index //= 1000
        parts.insert(0, "x%03d" % (index % 1000))
    return os.path.join("tile", kind, *parts) + ("" if width == 256 else ".p/%d" % width)


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


def check_log(folder):
    key = verifier(read(folder, "verifier").decode())
    size, root = checkpoint(read(folder, "checkpoint").decode(), key)
    hashes = []
    while len(hashes) < size:
        index, width = len(hashes) // 256, min(256, size - len(hashes))
        bundle, at = read(folder, tile_path("entries", index, width)), 0
        for _ in range(width):
            end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
            record(bundle[at + 2 : end], len(hashes))
            hashes.append(leaf_hash(bundle[at + 2 : end]))
            at = end
        if at != len(bundle) or read(folder, tile_path("0", index, width)) != b"".join(hashes[-width:]):
            raise ValueError("tile %d is not that of its entries" % index)
    if root_of(hashes) != root:
        raise ValueError("the entries do not have the signed root")
    return {"origin": key[0], "size": size, "root": root.hex(), "leaves": [h.hex() for h in hashes]}


def check_proof(path, key_text):
    head, _, note = read(path).decode().partition("\n\n")
    header, extra, index, *hashes = head.split("\n")
    if header != "c2sp.org/tlog-proof@v1" or not extra.startswith("extra ") or not index.startswith("index "):
        raise ValueError("not a proof with its record")
    key = verifier(key_text)
    size, root = checkpoint(note, key)
    entry, index = base64.b64decode(extra[6:], validate=True), int(index[6:])
    if index >= size:
        raise ValueError("no such entry")
    if root_from_path(leaf_hash(entry), index, size, [base64.b64decode(h, validate=True) for h in hashes]) != root:
        raise ValueError("the entry is not in the signed log")
    value = record(entry, index)
    return {"origin": key[0], "size": size, "index": index, "leaf": leaf_hash(entry).hex(), "decision": value["decision"]}


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "log":
        return check_log(arguments[1])
    if len(arguments) == 3 and arguments[0] == "proof":
        return check_proof(*arguments[1:])
    sys.exit(__doc__)


if __name__ == "__main__":
    try:
        print(json.dumps({"verified": True, **main(sys.argv[1:])}))
    except (ValueError, KeyError, IndexError, OSError) as error:
        print(json.dumps({"verified": False, "why": str(error)}))
        sys.exit(1)
