#!/usr/bin/env python3
"""Liveness evidence with nothing but Python's standard library, from docs/liveness.md alone. It shares no code with Kanmon, so that the
two can be held against each other.

    liveness.py vectors FILE            works every vector of FILE (tests/vectors/liveness.json) out anew
    liveness.py answer < QUESTIONS      a JSON question a line, a JSON answer a line: see `answer`

Prints JSON; exit code of `vectors` 0: all equal, 1: not.
"""

import decimal
import hashlib
import json
import math
import struct
import sys
from functools import lru_cache

decimal.getcontext().prec = 50
D = decimal.Decimal
LN2 = D(2).ln()


# Section 2: logarithms, rounded once from an exact value.
@lru_cache(maxsize=None)
def log2(x):
    return D(x.bit_length() - 1) if x & (x - 1) == 0 else D(x).ln() / LN2


def millibits(numerator, denominator, rounding):
    common = math.gcd(numerator, denominator)
    exact = 1000 * (log2(numerator // common) - log2(denominator // common))
    if rounding == "nearest":
        exact += D(1) / 2
    return int(exact.to_integral_value(decimal.ROUND_CEILING if rounding == "up" else decimal.ROUND_FLOOR))


# Section 3: entropy.
@lru_cache(maxsize=None)
def weighed(c):
    return int((D(65536) * c * log2(c) + D(1) / 2).to_integral_value(decimal.ROUND_FLOOR)) if c else 0


def entropy(counts, least):
    n, bins = sum(counts), len(counts)
    if n == 0 or n > 4096 or n < least * bins:
        return -1
    occupied = sum(c > 0 for c in counts)
    scaled = 1000 * (weighed(n) - sum(map(weighed, counts))) + (occupied - 1) * 47_274_231
    return min((scaled + n * 2**15) // (n * 2**16), millibits(bins, 1, "down"))


# Section 5: the encoding of tables (RFC 8949), in its one form.
def cbor(data, at):
    first, at = data[at], at + 1
    kind, value = first >> 5, first & 31
    if kind == 7:
        return {20: False, 21: True}[value], at
    if value > 23:
        size = {24: 1, 25: 2, 26: 4, 27: 8}[value]
        value, at = int.from_bytes(data[at : at + size], "big"), at + size
    if kind == 0:
        return value, at
    if kind in (2, 3):
        text = data[at : at + value]
        return (bytes(text) if kind == 2 else text.decode()), at + value
    if kind != 5:
        raise ValueError("not of a calibration")
    pairs = []
    for _ in range(value):
        key, at = cbor(data, at)
        item, at = cbor(data, at)
        pairs.append((key, item))
    return pairs, at


def head(kind, value):
    if value < 24:
        return bytes([kind << 5 | value])
    size = 1 if value < 256 else 2 if value < 65536 else 4
    return bytes([kind << 5 | {1: 24, 2: 25, 4: 26}[size]]) + value.to_bytes(size, "big")


def encode(value):
    if isinstance(value, bool):
        return bytes([0xF5 if value else 0xF4])
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    pairs = sorted((encode(key), encode(item)) for key, item in value.items())
    return head(5, len(pairs)) + b"".join(key + item for key, item in pairs)


def in_order(names):
    return sorted(names, key=lambda name: (len(name), name))


def encode_tables(tables):
    order = in_order(tables["terms"])
    terms = {
        name: struct.pack(f"<{2 + len(term['edges'])}h", term["low"], term["high"], *term["edges"])
        for name, term in tables["terms"].items()
    }
    classes = {}
    for name, one in tables["classes"].items():
        block = struct.pack("<IhH", one["attacks"], one["offset"], int(one["challenge"]))
        for term in order:
            table = one["tables"][term]
            block += struct.pack(f"<H{len(table['evidence'])}h", table["weight"], *table["evidence"])
        classes[name] = block
    rest = {key: tables[key] for key in ("modality", "staged", "states", "error")}
    return encode({**rest, "terms": terms, "classes": classes})


def decode_tables(data):
    pairs, end = cbor(data, 0)
    if end != len(data):
        raise ValueError("bytes behind the tables")
    tables = dict(pairs)
    terms = {}
    for name, block in tables["terms"]:
        low, high, *edges = struct.unpack(f"<{len(block) // 2}h", block)
        terms[name] = {"low": low, "high": high, "edges": edges}
    classes = {}
    for name, block in tables["classes"]:
        attacks, offset, flags = struct.unpack_from("<IhH", block)
        own, at = {}, 8
        for term in terms:
            steps = len(terms[term]["edges"]) + 1
            weight, *evidence = struct.unpack_from(f"<H{steps}h", block, at)
            own[term] = {"weight": weight, "evidence": evidence}
            at += 2 + 2 * steps
        classes[name] = {"attacks": attacks, "offset": offset, "challenge": flags == 1, "tables": own}
    return {**tables, "terms": terms, "classes": classes}


# Section 4: evidence, score, decision.
def challenge(states, error):
    right = millibits((65536 - error) * states, 65536, "nearest")
    return right, millibits(error * states, 65536 * (states - 1), "nearest")


def class_evidence(tables, name, measured):
    one = tables["classes"][name]
    cap = millibits(one["attacks"], 3, "down")
    total = 128
    for term, table in one["tables"].items():
        if term not in measured["terms"]:
            continue
        x, form = min(max(measured["terms"][term], -32768), 32767), tables["terms"][term]
        value = min(table["evidence"][sum(edge <= x for edge in form["edges"])], cap)
        if x < form["low"] or x > form["high"]:
            value = min(value, 0)
        total += table["weight"] * value
    total = (total >> 8) + one["offset"]
    if one["challenge"] and tables["states"]:
        right, wrong = challenge(tables["states"], tables["error"])
        total += min(measured.get("right", 0), 255) * right + min(measured.get("wrong", 0), 255) * wrong
    return min(total, cap)


def measures(tables, name, measured):
    one = tables["classes"][name]
    answers = one["challenge"] and measured.get("right", 0) + measured.get("wrong", 0) > 0
    return answers or any(table["weight"] > 0 and term in measured["terms"] for term, table in one["tables"].items())


def evidence(tables, measured):
    return {name: class_evidence(tables, name, measured) for name in in_order(tables["classes"])}


def decide(tables, policy, measured, elapsed_us):
    if policy["calibration"] != hashlib.sha256(encode_tables(tables)).hexdigest():
        return "not_calibrated"
    if any(name not in tables["classes"] for name in policy["classes"]):
        return "not_calibrated"
    if elapsed_us < 1000 * policy["least_ms"]:
        return "too_short"
    if any(term not in measured["terms"] for term in policy["terms"]):
        return "term_missing"
    if any(not measures(tables, name, measured) for name in policy["classes"]):
        return "term_missing"
    for term, limits in policy["terms"].items():
        if not limits.get("least", -32768) <= measured["terms"][term] <= limits.get("most", 32767):
            return "not_live"
    all_of = evidence(tables, measured)
    return "none" if all(all_of[name] >= floor for name, floor in policy["classes"].items()) else "not_live"


def sequential(value, floor, low, more):
    return "accept" if value >= floor else "continue" if more and value > low else "reject"


# Section 6: evidence of counted steps.
def pooled(pairs):
    pools = []
    for b, a in pairs:
        pools.append([b, a, 1])
        # The later pool's share must be the higher: b/(b+a) rises with b/a.
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            b2, a2, n2 = pools.pop()
            pools[-1] = [pools[-1][0] + b2, pools[-1][1] + a2, pools[-1][2] + n2]
    return [(b, a) for b, a, n in pools for _ in range(n)]


def steps(bona_fide, attacks):
    half = D(len(bona_fide)) / 2
    pairs = [
        ((b + D("0.5")) / (sum(bona_fide) + half), (a + D("0.5")) / (sum(attacks) + half))
        for b, a in zip(bona_fide, attacks)
    ]
    rising, falling = pooled(pairs), pooled(pairs[::-1])[::-1]

    def likelihood(fitted):
        return sum(b * (p / (p + q)).ln() + a * (q / (p + q)).ln() for (b, a), (p, q) in zip(pairs, fitted))

    best = rising if likelihood(rising) >= likelihood(falling) else falling
    most = min(4000, millibits(max(3, sum(attacks)), 3, "down"))
    exact = [1000 * (b / a).ln() / LN2 for b, a in best]
    return [min(max(int((x + D("0.5")).to_integral_value(decimal.ROUND_FLOOR)), -4000), most) for x in exact]


# Section 7: audit.
def binomial_tail(events, trials, p):
    return math.fsum(math.comb(trials, k) * p**k * (1 - p) ** (trials - k) for k in range(events, trials + 1))


def lower_bound(events, trials):
    low, high = 0.0, 1.0
    while events and high - low > 1e-13:
        middle = (low + high) / 2
        low, high = (middle, high) if binomial_tail(events, trials, middle) < 0.05 else (low, middle)
    return low


def softplus(bits):
    return max(bits, 0) + math.log2(1 + 2 ** -abs(bits))


def audit(bona_fide, attacks):
    cost = math.fsum(softplus(-x / 1000) for x in bona_fide) / len(bona_fide)
    cost = (cost + math.fsum(softplus(x / 1000) for x in attacks) / len(attacks)) / 2
    scores = sorted({*bona_fide, *attacks})
    pairs = [(D(bona_fide.count(s)) / len(bona_fide), D(attacks.count(s)) / len(attacks)) for s in scores]
    least = D(0)
    for (b, a), (p, q) in zip(pairs, pooled(pairs)):
        least -= (b * (p / (p + q)).ln() / LN2 if b else D(0)) / 2 + (a * (q / (p + q)).ln() / LN2 if a else D(0)) / 2
    law = []
    for bits in (1, 2, 3):
        reached = sum(x >= 1000 * bits for x in attacks)
        law.append({"reached": reached, "holds": lower_bound(reached, len(attacks)) <= 2**-bits})
    return {"cllr": cost, "minCllr": float(least), "entropy": math.fsum(bona_fide) / len(bona_fide) / 1000, "law": law}


# Section 8: policies compared.
def limits_of(policy):
    found = {f"classes.{name}": floor for name, floor in policy["classes"].items()}
    found["least_ms"] = policy["least_ms"]
    for term, limits in policy["terms"].items():
        found[f"terms.{term}"] = 1
        if "least" in limits:
            found[f"terms.{term}.least"] = limits["least"]
        if "most" in limits:
            found[f"terms.{term}.most"] = -limits["most"]
    return found


def compare(a, b):
    if a["calibration"] != b["calibration"]:
        return "incomparable"
    one, two = limits_of(a), limits_of(b)

    def covers(strict, loose):
        return all(strict.get(path, -math.inf) >= value for path, value in loose.items())

    up, down = covers(two, one), covers(one, two)
    return "same" if up and down else "stricter" if up else "looser" if down else "incomparable"


def floor_of(limit, tries):
    """`limit` as text, so that 0.07 is seven hundredths."""
    exact = 1000 * (D(tries) / D(limit)).ln() / LN2
    return int(exact.to_integral_value(decimal.ROUND_CEILING))


def answer(question):
    """{"counts", "least"} -> entropy; {"tables" (hex), "measured"} -> evidence; {"bona_fide", "attacks"} -> evidence of steps."""
    if "counts" in question:
        return entropy(question["counts"], question["least"])
    if "tables" in question:
        data = bytes.fromhex(question["tables"])
        tables = decode_tables(data)
        if encode_tables(tables) != data:
            raise ValueError("not the one encoding of these tables")
        return list(evidence(tables, question["measured"]).values())
    return steps(question["bona_fide"], question["attacks"])


WORK = {
    "log2": lambda v: [millibits(v["numerator"], v["denominator"], way) for way in ("down", "nearest", "up")],
    "entropy": lambda v: entropy(v["counts"], v["least"]),
    "challenge": lambda v: list(challenge(v["states"], v["error"])),
    "steps": lambda v: steps(v["bona_fide"], v["attacks"]),
    "encoding": lambda v: encode_tables(v["tables"]).hex(),
    "id": lambda v: hashlib.sha256(encode_tables(v["tables"])).hexdigest(),
    "evidence": lambda v: evidence(v["tables"], v["measured"]),
    "decision": lambda v: decide(v["tables"], v["policy"], v["measured"], v["elapsed_us"]),
    "sequential": lambda v: sequential(v["evidence"], v["floor"], v["low"], v["more"]),
    "compare": lambda v: compare(v["a"], v["b"]),
    "floor": lambda v: floor_of(v["limit"], v["tries"]),
    "trials": lambda v: math.ceil(3 / D(v["limit"])),
    "audit": lambda v: audit(v["bona_fide"], v["attacks"]),
}


def equal(a, b):
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(equal(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(equal, a, b))
    return math.isclose(a, b, abs_tol=1e-9) if isinstance(a, float) else a == b


def vectors(path):
    with open(path, encoding="utf8") as file:
        document = json.load(file)
    checked, wrong = 0, []
    for kind, group in document["vectors"].items():
        for number, vector in enumerate(group):
            if "tables" in vector:
                vector = {**vector, "tables": document["tables"][vector["tables"]]}
            found = WORK[kind](vector)
            checked += 1
            if not equal(found, vector["result"]):
                wrong.append({"kind": kind, "number": number, "found": found, "expected": vector["result"]})
    print(json.dumps({"verified": not wrong, "checked": checked, "wrong": wrong}))
    return 0 if not wrong else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["vectors"]:
        sys.exit(vectors(sys.argv[2]))
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))))
