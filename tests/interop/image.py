#!/usr/bin/env python3
"""Verifies signed images with nothing but Python's standard library, from MCUboot's documentation (docs/design.md, sections "Image
format", "Integrity check", "Security"; signed_images.md) and RFC 8032. It shares no code with Kanmon, so that the two can be held
against each other; the Ed25519 is that of pec.py beside it.

    image.py PUBLIC.pem FILE...

Prints one JSON document a file, a line each; exit code 0: all verified, 1: not.
"""

import base64
import hashlib
import json
import struct
import sys

sys.dont_write_bytecode = True  # leaves no folder beside the tests

from pec import ed25519_verifies  # noqa: E402

IMAGE_MAGIC = 0x96F3B83D
TLV_INFO_MAGIC = 0x6907
TLV_PROT_INFO_MAGIC = 0x6908
TLV_KEYHASH, TLV_SHA256, TLV_ED25519, TLV_SEC_CNT = 0x01, 0x10, 0x24, 0x50
TLV_DEVELOPMENT = 0xA0  # of the range for vendors, 0xA0..0xFE and 0xNN in the high byte
SPKI = bytes.fromhex("302a300506032b6570032100")  # RFC 8410: SubjectPublicKeyInfo of Ed25519, before the key's 32 bytes


def public_key(path):
    with open(path, encoding="ascii") as file:
        text = file.read()
    body = text.split("-----BEGIN PUBLIC KEY-----")[1].split("-----END PUBLIC KEY-----")[0]
    info = base64.b64decode("".join(body.split()), validate=True)
    if len(info) != 44 or not info.startswith(SPKI):
        raise ValueError("not an Ed25519 public key")
    return info


def tlv_area(data, at, magic):
    """The TLVs of an area as {type: value}, and where it ends. `struct image_tlv_info`, then `struct image_tlv` and value each."""
    found, total = struct.unpack_from("<HH", data, at)
    if found != magic:
        raise ValueError("no TLV area with magic %#x at %d" % (magic, at))
    end, at, tlvs = at + total, at + 4, {}
    if end > len(data):
        raise ValueError("a TLV area that is cut")
    while at < end:
        kind, length = struct.unpack_from("<HH", data, at)
        at += 4 + length
        if at > end or kind in tlvs:
            raise ValueError("TLVs that do not fit their area, or one twice")
        tlvs[kind] = data[at - length : at]
    return tlvs, end


def verify(data, info):
    magic, load, header_size, protected_size, image_size, flags, major, minor, revision, build, pad = struct.unpack_from(
        "<IIHHIIBBHII", data
    )
    if magic != IMAGE_MAGIC:
        raise ValueError("magic")
    if load or flags or pad or header_size != 32:
        raise ValueError("header")
    payload_end = header_size + image_size
    protected, end = tlv_area(data, payload_end, TLV_PROT_INFO_MAGIC)
    if end - payload_end != protected_size:
        raise ValueError("size of the protected TLVs")
    tlvs, last = tlv_area(data, end, TLV_INFO_MAGIC)
    if last != len(data):
        raise ValueError("size of the file")
    if set(tlvs) != {TLV_SHA256, TLV_KEYHASH, TLV_ED25519} or not {TLV_SEC_CNT} <= set(protected) <= {TLV_SEC_CNT, TLV_DEVELOPMENT}:
        raise ValueError("TLVs")
    digest = hashlib.sha256(data[:end]).digest()
    if tlvs[TLV_SHA256] != digest:
        raise ValueError("hash")
    if tlvs[TLV_KEYHASH] != hashlib.sha256(info).digest():
        raise ValueError("key hash")
    if not ed25519_verifies(info[len(SPKI) :], digest, tlvs[TLV_ED25519]):
        raise ValueError("signature")
    return {
        "version": "%d.%d.%d+%d" % (major, minor, revision, build),
        "security_counter": struct.unpack("<I", protected[TLV_SEC_CNT])[0],
        "development": TLV_DEVELOPMENT in protected,
        "payload_digest": hashlib.sha256(data[header_size:payload_end]).hexdigest(),
        "digest": digest.hex(),
    }


def main(key, *paths):
    info, good = public_key(key), True
    for path in paths:
        try:
            with open(path, "rb") as file:
                print(json.dumps({"verified": True, **verify(file.read(), info)}))
        except (ValueError, struct.error) as error:
            print(json.dumps({"verified": False, "why": str(error)}))
            good = False
    return 0 if good else 1


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
