// Builds the C of the power-cut proof (tests/boards/power-cut) for flash of a given geometry, with the sources that every board links, and
// makes the signed images it works with. Our C runs under AddressSanitizer and UndefinedBehaviorSanitizer.
import { spawn } from "node:child_process";
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { loadBoard } from "../../host/firmware/board.ts";
import { recoverySource, rootKeysSource } from "../../host/firmware/generate.ts";
import { loadSources } from "../../host/firmware/sources.ts";
import { publicKeyBytes } from "../../host/image/keys.ts";
import { keyHash, type Signer, signImage } from "../../host/image/sign.ts";
import { projectRoot } from "../../host/root.ts";

export interface Geometry {
  /** Bytes of a sector and of a write unit. */
  readonly sector: number;
  readonly unit: number;
  /** One: there is no second copy of the keys. */
  readonly keysSectors: number;
  readonly stateSectors: number;
  readonly slotSectors: number;
  /** Torn units cannot be read. */
  readonly ecc: boolean;
  /** About how many bytes the images have. */
  readonly image: number;
}

const PORT = join(projectRoot(), "boards", "port");
const HERE = join(projectRoot(), "tests", "boards", "power-cut");
const SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const WARN = ["-Wall", "-Wextra", "-Werror"];
/** What of the runner the proof without an engine links. */
const CORE = /\/(boot|crc32|image|keys|random|sha256|slots|state|upload|wasm-memory)\.c$/;
/** Whether a source is ours; the rest are other people's, not under test here. */
const isOurs = (source: string): boolean => !source.includes("node_modules");

/** Longer than any proof takes: a program that goes on without its test would slow all that follow. */
const RUN_MS = 240_000;

/** PKCS #8 of an Ed25519 key (RFC 8410 section 7), up to the seed. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** A signer whose key anyone can know. */
function testSigner(seed: number): Signer {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8, Buffer.alloc(32, seed)]),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = publicKeyBytes(createPublicKey(key));
  return { publicKey, development: false, sign: (message) => new Uint8Array(sign(null, message, key)) };
}

/** A module of a custom section with `bytes` bytes that differ by `fill`, behind it `sections`. */
function padded(bytes: number, fill: number, sections: Uint8Array): Uint8Array {
  const content = Uint8Array.from({ length: bytes }, (_, i) => fill * 31 + i * 7 + (i >> 8) * 13);
  const custom = Buffer.concat([Buffer.from([1, 0x78]), content]);
  return Buffer.concat([
    Buffer.from("0061736d01000000", "hex"),
    Buffer.from([0, ...leb128(custom.length)]),
    custom,
    sections,
  ]);
}

/** The memory section of a module that wants so many pages. */
function memorySection(pages: number): Uint8Array {
  return Buffer.from([5, 2 + leb128(pages).length, 1, 0, ...leb128(pages)]);
}

function leb128(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb128(value >>> 7)];
}

/** Writes images of about `bytes` bytes and root-keys.c into `folder`. */
export function makeImages(folder: string, bytes: number): void {
  const module = (name: string, i: number) => padded(bytes, i, memorySection(name === "memory" ? 100 : 1));
  writeImages(folder, module);
}

/** Writes images that speak SMP (the recovery image, each with another tail), version 3 the reader's image; and the recovery image. */
export function makeSpeakingImages(folder: string): void {
  const read = (name: string) => readFileSync(join(projectRoot(), "build", name));
  const recovery = read("recovery.wasm");
  writeImages(folder, (name, i) =>
    name === "v3" ? read("kanmon.wasm") : Buffer.concat([recovery, Buffer.from([0, 3, 1, 0x78, i])]),
  );
  writeFileSync(join(folder, "recovery-image.c"), recoverySource(recovery));
}

/** The images that device.h names, signed. */
function writeImages(folder: string, module: (name: string, index: number) => Uint8Array): void {
  const [ours, other] = [testSigner(1), testSigner(2)];
  const list = { v1: 1, v2: 2, v3: 2, old: 0, "other-key": 2, memory: 2 };
  mkdirSync(folder, { recursive: true });
  for (const [i, [name, securityCounter]] of Object.entries(list).entries()) {
    const version = { major: i + 1, minor: 0, revision: 0, build: 0 };
    const signer = name === "other-key" ? other : ours;
    const image = signImage({ wasm: module(name, i), version, securityCounter, signer });
    writeFileSync(join(folder, `${name}.bin`), image);
  }
  const key = { key: ours.publicKey, hash: keyHash(ours.publicKey), development: false };
  writeFileSync(join(folder, "root-keys.c"), rootKeysSource([key]));
}

export interface Parts {
  /** What of tests/boards/power-cut is linked besides the board and its flash. */
  readonly own: readonly string[];
  /** Functions that `own` stands in front of (ld --wrap). */
  readonly wrap: readonly string[];
  /** The whole runner with wasm3 and a recovery image, or only what boots and updates. */
  readonly runner: boolean;
}

/** Compiles into `folder`, which has root-keys.c and, for the runner, recovery-image.c, with the flags of every board. Returns the program. */
export async function build(folder: string, geometry: Geometry, { own, wrap, runner }: Parts): Promise<string> {
  const { flags, groups } = loadSources("wasm3", false);
  // As much as this computer's board: less than the reader's image needs would be a board that restarts without end.
  const { memory } = loadBoard("native_sim");
  const numbers = {
    TEST_SECTOR: geometry.sector,
    TEST_UNIT: geometry.unit,
    TEST_KEYS_SECTORS: geometry.keysSectors,
    TEST_STATE_SECTORS: geometry.stateSectors,
    TEST_SLOT_SECTORS: geometry.slotSectors,
    TEST_LINEAR: memory.linear,
    TEST_POOL: memory.pool,
    TEST_POOL_MORE: memory.pool_more,
    TEST_WASM_STACK: memory.wasm_stack,
  };
  const include = [HERE, ...groups.flatMap((group) => group.include), PORT];
  const common = [
    ...flags,
    "-O2",
    ...include.map((path) => `-I${path}`),
    ...Object.entries(numbers).map(([name, value]) => `-D${name}=${value}u`),
  ];
  const objects: string[] = [];
  const compile = async (name: string, sources: readonly string[], more: readonly string[]): Promise<void> => {
    // Other people's sources know nothing of the flash: compiled once beside the folders of all geometries.
    const place = join(sources.every(isOurs) ? folder : dirname(folder), name);
    objects.push(...sources.map((source) => join(place, basename(source).replace(/c$/, "o"))));
    if (existsSync(place)) return;
    mkdirSync(place, { recursive: true });
    await run("gcc", [...common, ...more, "-c", ...sources], place);
  };
  for (const { name, sources, flags } of groups) {
    const wanted = runner ? sources : sources.filter((source) => source.includes("ed25519") || CORE.test(source));
    const more = [...(sources.every(isOurs) ? SANITIZE : []), ...(name === "main" ? ["-Dmain=runner_main"] : [])];
    if (wanted.length > 0) await compile(name, wanted, [...flags, ...more]);
  }
  const ours = ["fake-flash", "device", "remember", ...own].map((name) => join(HERE, `${name}.c`));
  const generated = ["root-keys.c", ...(runner ? ["recovery-image.c"] : [])].map((name) => join(folder, name));
  await compile("test", [...ours, ...generated], [...WARN, ...SANITIZE]);
  const program = join(folder, "prove");
  const wrapped = ["ed25519_verify", "ed25519_create_keypair", ...wrap].map((name) => `-Wl,--wrap=${name}`);
  await run("gcc", [...SANITIZE, ...wrapped, "-o", program, ...objects, "-lm"], folder);
  return program;
}

/** Runs a program to its end; what it printed. Throws what it said on stderr if it printed nothing. */
export async function run(program: string, args: readonly string[], folder: string): Promise<string> {
  const child = spawn(program, args, {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: RUN_MS,
    killSignal: "SIGKILL",
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => void (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => void (errors += chunk.toString()));
  const status = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (status !== 0 && output === "") {
    throw new Error(`${program} ended with ${status ?? `no answer in ${RUN_MS} ms`}: ${errors.slice(0, 4000)}`);
  }
  return output;
}
