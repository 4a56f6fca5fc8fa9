// Signed images: the bytes that imgtool makes of the same input, and that nothing else is taken.
import { createHash, createPrivateKey, sign } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rawKey } from "../cose.ts";
import { isReported } from "../errors.ts";
import { encodeImage, parseImage, type SignedImage } from "./format.ts";
import { keyHash, type Signer, signImage } from "./sign.ts";
import { verifyImage } from "./verify.ts";
import { formatVersion, parseVersion } from "./version.ts";

/** RFC 8032 section 7.1, test 1. */
const KEY = createPrivateKey({
  key: Buffer.from(
    "302e020100300506032b6570042204209d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "hex",
  ),
  format: "der",
  type: "pkcs8",
});
const signer = (development = false): Signer => ({
  publicKey: rawKey(KEY),
  development,
  sign: (message) => new Uint8Array(sign(null, message, KEY)),
});
const WASM = Buffer.from("0061736d01000000", "hex");
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const codeOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    // Anything that is not meant to be read is a defect.
    if (isReported(error)) return error.code;
    throw error;
  }
  return "accepted";
};

/** What imgtool makes of the 8 bytes above with this key: sign -v 1.2.3+4 -s 7 -H 32 --pad-header. */
const PLAIN =
  "3db8f3960000000020000c0008000000000000000102030004000000000000000061736d0100000008690c005000040007000000076990001000200033cb1976d32220084bd76b34dce88532de71e422684af639a6dfb1bd7ea58fbf0100200006e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa92400400044c933bacb46da23dc6f1845eabb0900c00b047e577958a8f499b55fea38da1792e37996b97b5e2392d23e8606eaca181417e7fb2725aa8a9373f1a0df404d0b";
/** And with -v 255.0.65535+4294967295 -s 4294967295 --custom-tlv 0x00a0 development. */
const MARKED =
  "3db8f3960000000020001b000800000000000000ff00ffffffffffff000000000061736d0100000008691b0050000400ffffffffa0000b00646576656c6f706d656e740769900010002000803ad51fc91f275c4ea33c901ba0ab78caf0aa48a9e33a786bcaceae79ada3de0100200006e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa92400400003dcecfef23b409ca168114f42f140476fd18d685e7f5be5fcb64c53bab4a7b4503a41ebc4ff001d7497f385ac0569c2c2105774b7dcf1684bbbbd5e00f64701";
const image = () => Uint8Array.from(Buffer.from(MARKED, "hex"));

describe("a signed image", () => {
  it("has the bytes that imgtool gives it", () => {
    const plain = signImage({ wasm: WASM, version: parseVersion("1.2.3+4"), securityCounter: 7, signer: signer() });
    expect(hex(plain)).toBe(PLAIN);
    const version = parseVersion("255.0.65535+4294967295");
    const marked = signImage({ wasm: WASM, version, securityCounter: 0xffffffff, signer: signer(true) });
    expect(hex(marked)).toBe(MARKED);
  });

  it("says what was signed", () => {
    const read = verifyImage(Buffer.from(PLAIN, "hex"), rawKey(KEY));
    expect(read).toMatchObject({
      header: { loadAddress: 0, headerSize: 32, protectedTlvSize: 12, imageSize: 8, flags: 0 },
      version: { major: 1, minor: 2, revision: 3, build: 4 },
      securityCounter: 7,
      development: false,
    });
    expect(hex(read.payload)).toBe(hex(WASM));
    expect(hex(read.digest)).toBe(createHash("sha256").update(read.covered).digest("hex"));
    expect(hex(read.keyHash)).toBe(hex(keyHash(rawKey(KEY))));
    expect(read.tlvs.map(({ type, offset }) => [type, offset])).toEqual([
      [0x50, 44],
      [0x10, 56],
      [0x01, 92],
      [0x24, 128],
    ]);
    expect(parseImage(image())).toMatchObject({ securityCounter: 0xffffffff, development: true });
  });

  it("is marked by a development key, whatever its caller says", () => {
    const parts = { wasm: WASM, version: parseVersion("1.0.0"), securityCounter: 0 };
    expect(parseImage(signImage({ ...parts, signer: signer(true), development: false })).development).toBe(true);
    expect(parseImage(signImage({ ...parts, signer: signer(), development: true })).development).toBe(true);
  });

  it("is read as it was written, whatever it holds", () => {
    const content = fc.record({
      version: fc.record({
        major: fc.nat(255),
        minor: fc.nat(255),
        revision: fc.nat(65535),
        build: fc.nat(0xffffffff),
      }),
      securityCounter: fc.nat(0xffffffff),
      payload: fc.uint8Array({ minLength: 1, maxLength: 300 }),
      development: fc.boolean(),
      digest: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      keyHash: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      signature: fc.uint8Array({ minLength: 64, maxLength: 64 }),
    });
    fc.assert(
      fc.property(content, (parts) => {
        const { payload, digest, ...rest } = parseImage(encodeImage(parts)) as SignedImage;
        expect(rest).toMatchObject({
          version: parts.version,
          securityCounter: parts.securityCounter,
          development: parts.development,
        });
        expect([hex(payload), hex(digest)]).toEqual([hex(parts.payload), hex(parts.digest)]);
        expect(parseVersion(formatVersion(parts.version))).toEqual(parts.version);
      }),
    );
  });

  it("is refused with any bit flipped, by a named error", () => {
    const bytes = image();
    const codes = new Set<string>();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      codes.add(codeOf(() => verifyImage(bytes, rawKey(KEY))));
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
    }
    expect([...codes].sort()).toEqual(
      ["HASH", "HEADER", "KEY", "MAGIC", "SIGNATURE", "SIZE", "TLV"].map((name) => `KAN-IMAGE-${name}`),
    );
    expect(codeOf(() => verifyImage(bytes, rawKey(KEY)))).toBe("accepted");
  });

  it("is refused cut short, or with something behind it", () => {
    for (let length = 0; length < image().length; length++)
      expect(codeOf(() => parseImage(image().subarray(0, length)))).toMatch(/^KAN-IMAGE-(MAGIC|SIZE)$/);
    expect(codeOf(() => parseImage(Uint8Array.from([...image(), 0xff])))).toBe("KAN-IMAGE-SIZE");
  });

  it("is refused when it was signed with a header that Kanmon has no use for", () => {
    for (const [field, value] of [
      [4, 0x100],
      [8, 64],
      [16, 0x10],
      [28, 1],
    ] as const) {
      const covered = Buffer.from(parseImage(image()).covered);
      covered.writeUInt8(value & 0xff, field);
      covered.writeUInt8(value >> 8, field + 1);
      const digest = createHash("sha256").update(covered).digest();
      const seal = encodeImage({ ...parseImage(image()), digest, signature: signer().sign(digest) });
      const bytes = Buffer.concat([covered, seal.subarray(covered.length)]);
      expect(
        codeOf(() => verifyImage(bytes, rawKey(KEY))),
        String(field),
      ).toBe("KAN-IMAGE-HEADER");
    }
  });

  it("is refused when its header says sizes that overflow", () => {
    for (const size of [0, 9, 0x7fffffff, 0xffffffe0, 0xffffffff]) {
      const bytes = Buffer.from(image());
      bytes.writeUInt32LE(size, 12);
      expect(
        codeOf(() => parseImage(bytes)),
        String(size),
      ).toMatch(/^KAN-IMAGE-(SIZE|TLV)$/);
    }
  });

  it("is refused when changed anyhow, or made up; never by a crash", () => {
    const change = fc.record({ at: fc.nat(image().length - 1), bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) });
    const changed = fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
      const bytes = image();
      for (const each of changes) bytes.set(each.bytes.subarray(0, bytes.length - each.at), each.at);
      return bytes;
    });
    const made = fc.uint8Array({ maxLength: 300 }).map((tail) => Uint8Array.from([...image().subarray(0, 4), ...tail]));
    fc.assert(
      fc.property(fc.oneof(changed, made), (bytes) => {
        const code = codeOf(() => verifyImage(bytes, rawKey(KEY)));
        if (hex(bytes) !== MARKED) expect(code).toMatch(/^KAN-IMAGE-/);
      }),
      { numRuns: 2000 },
    );
  });

  it("is refused under another key, and where the signature is another key's under the right key hash", () => {
    const other = new Uint8Array(32).fill(1);
    expect(codeOf(() => verifyImage(image(), other))).toBe("KAN-IMAGE-KEY");
    const lying = encodeImage({ ...parseImage(image()), keyHash: keyHash(other) });
    expect(codeOf(() => verifyImage(lying, other))).toBe("KAN-IMAGE-SIGNATURE");
  });
});

describe("what is signed", () => {
  const parts = { version: parseVersion("1.2.3"), securityCounter: 0, signer: signer() };
  it("is a WASM module", () => {
    for (const wasm of [new Uint8Array(0), WASM.subarray(0, 7), image(), Buffer.from("0061736d02000000", "hex")])
      expect(codeOf(() => signImage({ ...parts, wasm }))).toBe("KAN-IMAGE-WASM");
  });

  it("has a version and a counter that fit their fields", () => {
    const bad = [
      "",
      "1",
      "1.2",
      "1.2.3.4",
      "256.0.0",
      "0.256.0",
      "0.0.65536",
      "0.0.0+4294967296",
      "01.2.3",
      "1.2.3+",
      "1.2.3 ",
    ];
    for (const text of bad)
      expect(
        codeOf(() => parseVersion(text)),
        text,
      ).toBe("KAN-IMAGE-VERSION");
    const version = { major: 1, minor: 2, revision: 3, build: -1 };
    expect(codeOf(() => signImage({ ...parts, wasm: WASM, version }))).toBe("KAN-IMAGE-VERSION");
    for (const securityCounter of [-1, 0.5, 2 ** 32, Number.NaN])
      expect(codeOf(() => signImage({ ...parts, wasm: WASM, securityCounter }))).toBe("KAN-IMAGE-COUNTER");
  });
});
