// The runner's C in parts, under the sanitizers: cryptography against published vectors and node's, the pool, what imports refuse, and
// the engine wasm3 with modules that do what an image must not.
import { createHash, createHmac, createPrivateKey, createPublicKey, hkdfSync, sign } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import binaryen from "binaryen";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectRoot } from "../../host/root.ts";
import { buildC, type CProgram, hasC } from "./c-program.ts";

const UNIT = "tests/boards/unit";
/** A build with sanitizers on a busy machine. */
const BUILD_MS = 240_000;
const board = `${UNIT}/board.c`;
const port = (...names: string[]) => names.map((name) => `boards/port/${name}.c`);
const build = (name: string, parts: string[], groups: string[] = ["ed25519"], flags: string[] = []): CProgram =>
  buildC({ sources: [`${UNIT}/${name}.c`, board, ...port(...parts)], include: [UNIT], groups, flags });
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex") || "-";

describe.skipIf(!hasC)("cryptography", () => {
  let program: CProgram;
  beforeAll(() => {
    program = build("crypto", ["sha256", "keys", "ed25519-base"], ["ed25519"], ["-Wl,--wrap=ge_scalarmult_base"]);
  }, BUILD_MS);
  afterAll(() => program?.remove());

  it("SHA-256 of FIPS 180-4's examples, and as node's for every length and piece", () => {
    const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(program.run(["sha256 64 616263"])).toEqual([abc]);
    const messages = Array.from({ length: 300 }, (_, n) => Buffer.alloc(n, n));
    for (const piece of [1, 7, 64, 1000])
      expect(program.run(messages.map((message) => `sha256 ${piece} ${hex(message)}`))).toEqual(
        messages.map((message) => createHash("sha256").update(message).digest("hex")),
      );
  });

  it("HMAC of RFC 4231's cases 1, 2 and 6, and as node's", () => {
    const expected = [
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ];
    const long = Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First");
    const cases = [
      [Buffer.alloc(20, 0x0b), Buffer.from("Hi There")],
      [Buffer.from("Jefe"), Buffer.from("what do ya want for nothing?")],
      [Buffer.alloc(131, 0xaa), long],
    ] as const;
    expect(program.run(cases.map(([key, data]) => `hmac 0 ${hex(key)} ${hex(data)}`))).toEqual(expected);
    const bytes = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.array(fc.tuple(bytes, bytes), { minLength: 20, maxLength: 20 }), (pairs) => {
        expect(program.run(pairs.map(([key, data]) => `hmac 0 ${hex(key)} ${hex(data)}`))).toEqual(
          pairs.map(([key, data]) => createHmac("sha256", key).update(data).digest("hex")),
        );
      }),
      { numRuns: 5 },
    );
  });

  it("HMAC-DRBG: NIST's vector without reseeding, and an independent implementation with it", () => {
    // CAVP drbgvectors_no_reseed, HMAC_DRBG.rsp, SHA-256, no personalization, no additional input, COUNT = 0.
    const seed = `ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488${"659ba96c601dc69fc902940805ec0ca8"}`;
    const returned =
      "e528e9abf2dece54d47c7e75e5fe302149f817ea9fb4bee6f4199697d04d5b89d54fbb978a15b5c443c9ec21036d2460b6f73ebad0dc2aba6e624abf07745bc1" +
      "07694bb7547bb0995f70de25d6b29e2d3011bb19d27676c07162c8b5ccde0668961df86803482cb37ed6d5c0bb8d50cf1f50d476aa0458bdaba806f48be9dcb8";
    expect(program.run([`drbg 128 ${seed} -`])).toEqual([returned]);
    expect(hmacDrbg(Buffer.from(seed, "hex"), undefined, 128).toString("hex")).toBe(returned);
    const fresh = Buffer.alloc(32, 0x5c);
    for (const bytes of [1, 31, 32, 33, 500])
      expect(program.run([`drbg ${bytes} ${seed} ${hex(fresh)}`])).toEqual([
        hmacDrbg(Buffer.from(seed, "hex"), fresh, bytes).toString("hex"),
      ]);
  });

  it("Ed25519 and HKDF as node's, from the same secrets", () => {
    const seed = createHash("sha256").update("seed").digest();
    const root = createHash("sha256").update("root").digest();
    const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
    const key = createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" });
    const publicKey = Buffer.from(createPublicKey(key).export({ format: "jwk" }).x as string, "base64url");
    for (const message of [Buffer.alloc(0), Buffer.from("a"), Buffer.alloc(1000, 7)]) {
      const signature = sign(null, message, key);
      const derived = Buffer.from(hkdfSync("sha256", root, new Uint8Array(0), message, 32));
      const secrets = `keys 0 ${hex(seed)} ${hex(root)} ${hex(message)}`;
      expect(program.run([secrets])).toEqual([publicKey, signature, derived].map((bytes) => bytes.toString("hex")));
      const verify = (changed: Uint8Array) => `verify 0 ${hex(publicKey)} ${hex(message)} ${hex(changed)}`;
      expect(program.run([verify(signature)])).toEqual(["1"]);
      for (const at of [0, 31, 32, 63]) {
        const flipped = Buffer.from(signature);
        flipped[at] = (flipped[at] as number) ^ 1;
        expect(program.run([verify(flipped)])).toEqual(["0"]);
      }
      expect(program.run([verify(malleated(signature))])).toEqual(["0"]);
    }
  });
});

describe.skipIf(!hasC)("parts of the runner", () => {
  const check = (name: string, parts: string[], groups?: string[], flags?: string[]): void => {
    const program = build(name, parts, groups, flags);
    try {
      expect(program.run()).toEqual([]);
    } finally {
      program.remove();
    }
  };

  it("keys are made once, kept twice, repaired, and refused when damaged; random numbers need entropy", () => {
    check("keys", ["sha256", "keys", "random"]);
  });

  it("what made keys and seeded random numbers is not left on the stack", () => {
    check("residue", ["sha256", "keys", "random"], ["ed25519"], ["-Os", "-fno-sanitize=all"]);
  });

  it.each([
    ["one region", 65_536, 0],
    ["two regions", 32_768, 24_576],
    ["two regions, the second the larger", 24_576, 40_960],
  ])("the pool of %s keeps blocks apart and joins what is free", (_, first, more) => {
    check("pool", ["pool"], [], [`-DBOARD_POOL_BYTES=${first}u`, `-DBOARD_POOL_MORE_BYTES=${more}u`]);
  });

  it("the ring of a UART keeps order, and keeps nothing that was taken", () => {
    check("ring", [], []);
  });

  it("imports reach the image's memory and the journal, and nothing else", () => {
    check("imports", ["imports", "sha256", "keys", "random"]);
  });
});

describe.skipIf(!hasC)("the engine wasm3", () => {
  let program: CProgram;
  beforeAll(() => {
    program = build(
      "engine",
      ["pool", "imports", "sha256", "keys", "random"],
      ["ed25519", "engine-wasm3", "wasm3"],
      ["-Wl,--wrap=pool_calloc", "-Wl,--wrap=pool_realloc"],
    );
  }, BUILD_MS);
  afterAll(() => program?.remove());

  /** A module with the four exports that a runner needs, of which one does something. */
  const make = (poll: string, more = "", memory = '(memory (export "memory") 1)'): string => {
    const imports = `(import "board" "transmit" (func $transmit (param i32 i32) (result i32)))
      (import "board" "trace" (func $trace (param i32 i32)))`;
    const text = `(module ${imports} ${more} ${memory}
      (func (export "start") (param i32 i32 i32) (result i32) (local.get 0))
      (func (export "receive_buffer") (result i32) (i32.const 1024))
      (func (export "receive") (param i32))
      (func (export "poll") (result i32) ${poll}))`;
    const parsed = binaryen.parseText(text);
    const path = join(program.folder, "module.wasm");
    writeFileSync(path, parsed.emitBinary());
    parsed.dispose();
    return path;
  };
  const [START, RECEIVE_BUFFER, RECEIVE, POLL] = [0, 1, 2, 3];
  const open = (path: string, ...calls: string[]) => program.run([`open ${path}`, ...calls]);

  it("calls exports, and refuses those that an image does not have", () => {
    const path = make("(i32.const 1)");
    expect(open(path, `call ${START} 77`, `call ${RECEIVE_BUFFER}`, `call ${RECEIVE}`, `call ${POLL}`)).toEqual([
      "ok",
      "ok 77",
      "ok 1024",
      "ok 0",
      "ok 1",
    ]);
    expect(open(path, "call 4")[1]).toMatch(/^invalid/);
    expect(program.run([`call ${POLL}`])[0]).toMatch(/^invalid/); // nothing is open
  });

  it.each([
    ["a load outside of memory", "(i32.load (i32.const 65536))", "out of bounds memory access"],
    [
      "a load whose address wraps",
      "(i32.load offset=4294967295 (i32.const 4294967295))",
      "out of bounds memory access",
    ],
    ["an instruction that cannot be reached", "(unreachable)", "unreachable executed"],
    ["a division by zero", "(i32.div_s (i32.const 1) (i32.const 0))", "integer divide by zero"],
    ["a division that overflows", "(i32.div_s (i32.const -2147483648) (i32.const -1))", "integer overflow"],
    ["a pointer outside of memory", "(call $transmit (i32.const 65530) (i32.const 7))", "outside of memory"],
    ["a negative length", "(call $transmit (i32.const 0) (i32.const -1))", "outside of memory"],
    ["a trace from outside", "(call $trace (i32.const -1) (i32.const 5)) (i32.const 0)", "outside of memory"],
  ])("traps at %s", (_, poll, why) => {
    const lines = open(make(poll), `call ${POLL}`, `call ${RECEIVE_BUFFER}`);
    expect(lines[0]).toBe("ok");
    expect(lines[1]).toMatch(/^trap: /);
    expect(lines[1]).toContain(why);
  });

  it("ends a recursion with large frames by the WASM stack, one with small frames by the C stack", () => {
    const locals = Array.from({ length: 60 }, () => "i64").join(" ");
    const large = `(func $deep (param i32) (result i32) (local ${locals}) (i32.add (i32.const 1) (call $deep (local.get 0))))`;
    const small = "(func $deep (param i32) (result i32) (i32.add (i32.const 1) (call $deep (local.get 0))))";
    for (const more of [large, small])
      expect(open(make("(call $deep (i32.const 1))", more), `call ${POLL}`)).toEqual([
        "ok",
        "trap: [trap] stack overflow",
      ]);
  });

  it("grows memory to the board's limit, in place, and refuses more with -1", () => {
    const path = make("(memory.grow (i32.const 4))");
    const grow = (count: number) => Array.from({ length: count }, () => `call ${POLL}`);
    // 10 pages in all: 1 and twice 4, not three times.
    expect(open(path, ...grow(4))).toEqual(["ok", "ok 1", "ok 5", "ok -1", "ok -1"]);
    const last =
      "(drop (memory.grow (i32.const 9))) (i32.store (i32.const 655356) (i32.const 5)) (i32.load (i32.const 655356))";
    expect(open(make(last), `call ${POLL}`)).toEqual(["ok", "ok 5"]);
  });

  it("refuses modules that it cannot run, each by its reason", () => {
    expect(open(make("(i32.const 0)", "", '(memory (export "memory") 11)'))).toEqual(["memory"]);
    expect(open(make("(i32.const 0)", '(import "board" "radio" (func (param i32)))', "(memory 1)"))).toEqual([
      "invalid",
    ]);
    expect(open(make("(i32.const 0)", '(import "board" "random" (func (param i64) (result i32)))'))).toEqual([
      "invalid",
    ]);
    expect(open(make("(i32.const 0)", "", '(import "env" "memory" (memory 1))'))).toEqual(["invalid"]);
    const path = join(program.folder, "poor.wasm");
    for (const text of [
      '(module (memory 1) (func (export "poll") (result i32) (i32.const 0)))',
      `(module (memory 1) (func (export "start") (result i32) (i32.const 0)) (func (export "poll") (result i32) (i32.const 0))
        (func (export "receive_buffer") (result i32) (i32.const 0)) (func (export "receive") (param i32)))`,
    ]) {
      const parsed = binaryen.parseText(text);
      writeFileSync(path, parsed.emitBinary());
      parsed.dispose();
      expect(open(path)).toEqual(["invalid"]);
    }
    writeFileSync(path, "not WebAssembly");
    expect(open(path)).toEqual(["invalid"]);
  });

  it("tells a trap of the start function", () => {
    const lines = open(make("(i32.const 0)", "(func $begin (unreachable)) (start $begin)"));
    expect(lines).toEqual(["trap: [trap] unreachable executed"]);
  });

  const image = join(projectRoot(), "build", "kanmon.wasm");
  it.skipIf(!existsSync(image))(
    "opens the image, refuses it cut short, and says when any allocation fails",
    () => {
      const lines = program.run([`open ${image}`, "close x", `cut ${image}`, `starve ${image}`]);
      expect(lines).toEqual(["ok", expect.stringMatching(/^peak \d+$/), "ok", "ok"]);
    },
    120_000,
  );
});

/** HMAC_DRBG of SP 800-90A over node's HMAC: the second of two requests. */
function hmacDrbg(seed: Uint8Array, entropy: Uint8Array | undefined, bytes: number): Buffer {
  let key: Buffer = Buffer.alloc(32);
  let value: Buffer = Buffer.alloc(32, 1);
  const mac = (...data: Uint8Array[]) => createHmac("sha256", key).update(Buffer.concat(data)).digest();
  const update = (data: Uint8Array = Buffer.alloc(0)): void => {
    for (const round of data.length > 0 ? [0, 1] : [0]) {
      key = mac(value, Buffer.of(round), data);
      value = mac(value);
    }
  };
  const generate = (): Buffer => {
    const parts: Buffer[] = [];
    for (let made = 0; made < bytes; made += 32) {
      value = mac(value);
      parts.push(value);
    }
    update();
    return Buffer.concat(parts).subarray(0, bytes);
  };
  update(seed);
  if (entropy) update(entropy);
  generate();
  return generate();
}

/** The same signature with the group's order added to S: valid to a verifier that does not look (RFC 8032, section 5.1.7). */
function malleated(signature: Uint8Array): Uint8Array {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString("hex")}`) + order;
  const bytes = Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse();
  return Buffer.concat([signature.subarray(0, 32), bytes]);
}
