// The image's encryption against node's ChaCha20-Poly1305, and sealed references: what opens, and that nothing else does.
import { createCipheriv } from "node:crypto";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { buildImage, type Image, startImage } from "./image.ts";

const SEAL = { done: 0, tooLong: 1, noKey: 2, noRandom: 3, malformed: 4, notAuthentic: 5 } as const;
const OVERHEAD = 44;
const [KEY, NONCE, AAD, TAG, TEXT, OUT] = [0, 64, 128, 1024, 2048, 100_000] as const; // offsets in scratch memory
const module = await buildImage();
let image: Image;
beforeEach(() => {
  image = startImage(module);
});

const call = (name: string, ...args: number[]) => (image.call[name] as (...a: number[]) => number)(...args);
const some = (low: number, high = low) => fc.uint8Array({ minLength: low, maxLength: high });

/** Flips bit `bit` (taken modulo the length). */
function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const out = Uint8Array.from(bytes);
  const at = (bit >> 3) % out.length;
  out[at] = (out[at] as number) ^ (1 << (bit & 7));
  return out;
}

describe("ChaCha20-Poly1305", () => {
  it("equals node's, and opens what it sealed but nothing that was changed", () => {
    const text = fc.oneof(some(0, 200), some(200, 3000));
    fc.assert(
      fc.property(some(32), some(12), some(0, 90), text, fc.nat(), (key, nonce, aad, plain, bit) => {
        const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: 16 });
        cipher.setAAD(aad, { plaintextLength: plain.length });
        const expected = Buffer.concat([cipher.update(plain), cipher.final()]);
        const [k, n, a, t] = [
          image.put(key, KEY),
          image.put(nonce, NONCE),
          image.put(aad, AAD),
          image.put(plain, TEXT),
        ];
        const tag = image.put(new Uint8Array(16), TAG);
        call("aeadSeal", k, n, a, aad.length, t, plain.length, tag);
        expect(Buffer.from(image.get(t, plain.length))).toEqual(expected);
        expect(Buffer.from(image.get(tag, 16))).toEqual(cipher.getAuthTag());
        // Changed: the tag, then the text or the additional data. The text stays as it was.
        image.put(flip(cipher.getAuthTag(), bit), TAG);
        expect(call("aeadOpen", k, n, a, aad.length, t, plain.length, tag)).toBe(1);
        image.put(cipher.getAuthTag(), TAG);
        if (plain.length > 0) {
          image.put(flip(expected, bit), TEXT);
          expect(call("aeadOpen", k, n, a, aad.length, t, plain.length, tag)).toBe(1);
          image.put(expected, TEXT);
        }
        if (aad.length > 0) expect(call("aeadOpen", k, n, a, aad.length - 1, t, plain.length, tag)).toBe(1);
        expect(call("aeadOpen", k, n, a, aad.length, t, plain.length, tag)).toBe(0);
        expect(Buffer.from(image.get(t, plain.length))).toEqual(Buffer.from(plain));
      }),
      { numRuns: 300 },
    );
  });
});

const SALT = new Uint8Array(16).fill(9);
const PLAIN = Uint8Array.from({ length: 3584 }, (_, i) => (i * 73 + (i >> 5)) & 255);
const USER = new TextEncoder().encode("person-17");

/** Seals PLAIN for a user; returns the status and the sealed reference. */
function seal(user = USER, salt = SALT, epoch = 3, plain = PLAIN) {
  const [s, u, p] = [image.put(salt, KEY), image.put(user, AAD), image.put(plain, TEXT)];
  const out = image.put(new Uint8Array(plain.length + OVERHEAD), OUT);
  const status = call("seal", 2, 7, 1, epoch, s, u, user.length, p, plain.length, out);
  return { status, sealed: image.get(out, plain.length + OVERHEAD) };
}

/** Opens a sealed reference; returns the status and what is then in the output buffer. */
function open(sealed: Uint8Array, user = USER, salt = SALT, capacity: number = PLAIN.length) {
  const [s, u, p] = [image.put(salt, KEY), image.put(user, AAD), image.put(sealed, TEXT)];
  const out = image.put(new Uint8Array(PLAIN.length), OUT);
  return {
    status: call("open", s, u, user.length, p, sealed.length, out, capacity),
    plain: image.get(out, PLAIN.length),
  };
}

describe("a sealed reference", () => {
  it("opens to its plain templates and says what it holds", () => {
    const { status, sealed } = seal();
    expect(status).toBe(SEAL.done);
    const at = image.put(sealed, TEXT);
    const header = ["sealedModality", "sealedForm", "sealedCount", "sealedEpoch", "sealedLength"].map((name) =>
      call(name, at),
    );
    expect(header).toEqual([2, 7, 1, 3, PLAIN.length]);
    expect(open(sealed)).toEqual({ status: SEAL.done, plain: PLAIN });
  });

  it("shows nothing of the plain templates, and differs each time", () => {
    const [one, two] = [seal().sealed, seal().sealed];
    const windows = new Set(Array.from({ length: PLAIN.length - 7 }, (_, i) => PLAIN.subarray(i, i + 8).join()));
    for (let i = 0; i + 8 <= one.length; i++) expect(windows.has(one.subarray(i, i + 8).join())).toBe(false);
    expect(one.subarray(28)).not.toEqual(two.subarray(28));
  });

  it("does not open when any one bit is changed, and leaves no plain text behind", () => {
    const { sealed } = seal(USER, SALT, 3, PLAIN.subarray(0, 40));
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const { status, plain } = open(flip(sealed, bit));
      expect([SEAL.malformed, SEAL.notAuthentic]).toContain(status);
      expect(plain.every((byte) => byte === 0)).toBe(true);
    }
  });

  it("does not open when cut, for another user, under another salt, or on another device", () => {
    const { sealed } = seal();
    for (const length of [0, 3, 43, 44, sealed.length - 1])
      expect(open(sealed.subarray(0, length)).status).toBe(SEAL.malformed);
    expect(open(sealed, new TextEncoder().encode("person-18")).status).toBe(SEAL.notAuthentic);
    expect(open(sealed, USER, new Uint8Array(16)).status).toBe(SEAL.notAuthentic);
    image.board.rootKey = "another device";
    expect(open(sealed).status).toBe(SEAL.notAuthentic);
  });

  it("keeps to its limits, and to nothing when the board fails", () => {
    expect(seal(new Uint8Array(65)).status).toBe(SEAL.tooLong);
    const { sealed } = seal();
    expect(open(sealed, USER, SALT, PLAIN.length - 1).status).toBe(SEAL.tooLong);
    image.board.keyFails = true;
    expect(open(sealed).status).toBe(SEAL.noKey);
    const unsealed = seal();
    expect(unsealed.status).toBe(SEAL.noKey);
    expect(unsealed.sealed.subarray(28)).toEqual(new Uint8Array(PLAIN.length + 16));
    image.board.randomFails = true;
    expect(seal().status).toBe(SEAL.noRandom);
  });
});

describe("a pseudonym", () => {
  it("depends on user, epoch, salt and device, and on nothing else", () => {
    const pseudonym = (user: string, epoch = 1, salt = 1) => {
      const bytes = new TextEncoder().encode(user);
      const out = image.put(new Uint8Array(16), OUT);
      expect(
        call("subject", image.put(bytes), bytes.length, epoch, image.put(new Uint8Array(16).fill(salt), 256), out),
      ).toBe(0);
      return Buffer.from(image.get(out, 16)).toString("hex");
    };
    const first = pseudonym("a");
    expect(pseudonym("a")).toBe(first);
    const others = [pseudonym("b"), pseudonym("a", 2), pseudonym("a", 1, 2)];
    image.board.rootKey = "another device";
    expect(new Set([first, ...others, pseudonym("a")]).size).toBe(5);
  });
});

describe("wiping", () => {
  it("zeroes exactly what it is told to and keeps count", () => {
    const at = image.put(new Uint8Array(64).fill(255));
    call("wipeReset");
    expect(call("wipe", at + 8, 40)).toBe(40);
    expect(call("wipe", at, 0) + call("wipe", at, -5)).toBe(0);
    expect(call("wipeTally")).toBe(40);
    expect([...image.get(at, 64)].map((b, i) => b === (i >= 8 && i < 48 ? 0 : 255))).not.toContain(false);
  });
});
