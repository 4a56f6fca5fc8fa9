// SHA-256 against NIST's published answers: FIPS 180-4 examples and CAVP SHA256ShortMsg / SHA256LongMsg / SHA256Monte.
import { sha256, sha256Final, sha256Init, sha256Update } from "../pec/sha256";
import { at, bytes, hex } from "./hex";

const OUT = memory.data(32);

function digest(message: string): string {
  const m = bytes(message);
  sha256(at(m), m.length, OUT);
  return hex(OUT, 32);
}

describe("SHA-256", () => {
  it("answers the CAVP short messages around each padding boundary", () => {
    expect(digest("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(digest("d3")).toBe("28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1");
    expect(digest("74ba2521")).toBe("b16aa56be3880d18cd41e68384cf1ec8c17680c45a02b1575dc1518923ae8b0e");
    expect(digest("09fc1accc230a205e4a208e64a8f204291f581a12756392da4b8c0cf5ef02b95")).toBe(
      "4f44c1c7fbebb6f9601829f3897bfd650c56fa07844be76489076356ac1886a4",
    );
    expect(
      digest(
        "3ebfb06db8c38d5ba037f1363e118550aad94606e26835a01af05078533cc25f2f39573c04b632f62f68c294ab31f2a3e2a1a0d8c2be51",
      ),
    ).toBe("6595a2ef537a69ba8583dfbf7f5bec0ab1f93ce4c8ee1916eff44a93af5749c4");
    expect(
      digest(
        "2d52447d1244d2ebc28650e7b05654bad35b3a68eedc7f8515306b496d75f3e73385dd1b002625024b81a02f2fd6dffb6e6d561cb7d0bd7a",
      ),
    ).toBe("cfb88d6faf2de3a69d36195acec2e255e2af2b7d933997f348e09f6ce5758360");
    expect(
      digest(
        "e2f76e97606a872e317439f1a03fcd92e632e5bd4e7cbc4e97f1afc19a16fde92d77cbe546416b51640cddb92af996534dfd81edb17c4424cf1ac4d75aceeb",
      ),
    ).toBe("18041bd4665083001fba8c5411d2d748e8abbfdcdfd9218cb02b68a78e7d4c23");
    expect(
      digest(
        "5a86b737eaea8ee976a0a24da63e7ed7eefad18a101c1211e2b3650c5187c2a8a650547208251f6d4237e661c7bf4c77f335390394c37fa1a9f9be836ac28509",
      ),
    ).toBe("42e61e174fbb3897d6dd6cef3dd2802fe67b331953b06114a65c772859dfc1aa");
  });

  it("answers a CAVP long message", () => {
    expect(
      digest(
        "451101250ec6f26652249d59dc974b7361d571a8101cdfd36aba3b5854d3ae086b5fdd4597721b66e3c0dc5d8c606d9657d0e323283a5217d1f53f2f284f57b85c8a61ac8924711f895c5ed90ef17745ed2d728abd22a5f7a13479a462d71b56c19a74a40b655c58edfe0a188ad2cf46cbf30524f65d423c837dd1ff2bf462ac4198007345bb44dbb7b1c861298cdf61982a833afc728fae1eda2f87aa2c9480858bec",
      ),
    ).toBe("3c593aa539fdcdae516cdf2f15000f6634185c88f505b39775fb9ab137a10aa2");
  });

  it("answers FIPS 180-4's examples, a million times 'a' given in uneven pieces", () => {
    expect(digest("616263")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const a = new StaticArray<u8>(997);
    a.fill(0x61);
    sha256Init();
    let left = 1000000;
    for (let piece = 0; left > 0; piece = (piece + 61) % 998) {
      const take = min(piece, left);
      sha256Update(at(a), take);
      left -= take;
    }
    sha256Final(OUT);
    expect(hex(OUT, 32)).toBe("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
  });

  it("answers the CAVP Monte Carlo test: 100,000 digests chained", () => {
    const seed = bytes("6d1e72ad03ddeb5de891e572e2396f8da015d899ef0e79503152d6010a3fe691");
    const chain = memory.data(96);
    for (let j = 0; j < 100; j++) {
      for (let i = 0; i < 3; i++) memory.copy(chain + i * 32, at(seed), 32);
      for (let i = 0; i < 1000; i++) {
        sha256(chain, 96, OUT);
        memory.copy(chain, chain + 32, 64);
        memory.copy(chain + 64, OUT, 32);
      }
      memory.copy(at(seed), OUT, 32);
      if (j == 0) expect(hex(OUT, 32)).toBe("e93c330ae5447738c8aa85d71a6c80f2a58381d05872d26bdd39f1fcd4f2b788");
    }
    expect(hex(OUT, 32)).toBe("6a912ba4188391a78e6f13d88ed2d14e13afce9db6f7dcbf4a48c24f3db02778");
  });
});
