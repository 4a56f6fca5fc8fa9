// Builds the C of the power-cut proof (tests/boards/power-cut) for flash of a given geometry, with the sources that every board links, and
// makes the signed images it works with. Our C runs under AddressSanitizer and UndefinedBehaviorSanitizer.
import { spawn } from "node:child_process";
import { createPrivateKey, createPublicKey, sign } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rootKeysSource } from "../../host/firmware/generate.ts";
import { publicKeyBytes } from "../../host/image/keys.ts";
import { keyHash, type Signer, signImage } from "../../host/image/sign.ts";
import { packageFolder, projectRoot } from "../../host/root.ts";

export interface Geometry {
  /** Bytes of a sector and of a write unit. */
  readonly sector: number;
  readonly unit: number;
  readonly stateSectors: number;
  readonly slotSectors: number;
  /** Torn units cannot be read. */
  readonly ecc: boolean;
  /** About how many bytes the images have. */
  readonly image: number;
}

const HERE = join(projectRoot(), "tests", "boards", "power-cut");
const PORT = join(projectRoot(), "boards", "port");
const SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const WARN = ["-std=gnu11", "-Wall", "-Wextra", "-Werror"];
const CORE = ["boot", "crc32", "image", "keys", "random", "sha256", "slots", "state", "upload", "wasm-memory"];
const ED25519 = ["fe", "ge", "keypair", "sc", "sha512", "sign", "verify"];
/** tests/boards/power-cut/remember.c stands in front of these. */
const WRAP = ["-Wl,--wrap=ed25519_verify", "-Wl,--wrap=ed25519_create_keypair"];
/** PKCS #8 of an Ed25519 key (RFC 8410 section 7), up to the seed. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** A signer whose key anyone can know. */
export function testSigner(seed: number): Signer {
  const key = createPrivateKey({
    key: Buffer.concat([PKCS8, Buffer.alloc(32, seed)]),
    format: "der",
    type: "pkcs8",
  });
  const publicKey = publicKeyBytes(createPublicKey(key));
  return { publicKey, development: false, sign: (message) => new Uint8Array(sign(null, message, key)) };
}

/** A module of a custom section with `bytes` bytes that differ by `fill`, behind it `sections`. */
export function padded(bytes: number, fill: number, sections: Uint8Array): Uint8Array {
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

/** Writes the images and root-keys.c into `folder`. */
export function makeImages(folder: string, bytes: number): void {
  const [ours, other] = [testSigner(1), testSigner(2)];
  const list: [name: string, securityCounter: number, pages: number, signer: Signer][] = [
    ["v1", 1, 1, ours],
    ["v2", 2, 1, ours],
    ["v3", 2, 1, ours],
    ["old", 0, 1, ours],
    ["other-key", 2, 1, other],
    ["memory", 2, 100, ours],
  ];
  mkdirSync(folder, { recursive: true });
  for (const [i, [name, securityCounter, pages, signer]] of list.entries()) {
    const wasm = padded(bytes, i, memorySection(pages));
    const version = { major: i + 1, minor: 0, revision: 0, build: 0 };
    writeFileSync(join(folder, `${name}.bin`), signImage({ wasm, version, securityCounter, signer }));
  }
  writeRootKeys(folder, ours);
}

/** root-keys.c with the one key. */
export function writeRootKeys(folder: string, { publicKey }: Signer): void {
  const source = rootKeysSource([{ key: publicKey, hash: keyHash(publicKey), development: false }]);
  writeFileSync(join(folder, "root-keys.c"), source);
}

/** Compiles into `folder`, which has root-keys.c; `own`: what of tests/boards/power-cut is linked besides the flash. Returns the program. */
export async function build(folder: string, geometry: Geometry, own: readonly string[]): Promise<string> {
  const ed25519 = join(packageFolder("ed25519-supercop") ?? "", "vendor", "ed25519", "src");
  const objects = ED25519.map((name) => join(folder, `${name}.o`));
  await run("gcc", ["-O2", "-w", "-fwrapv", "-c", ...ED25519.map((name) => join(ed25519, `${name}.c`))], folder);
  const numbers = {
    TEST_SECTOR: geometry.sector,
    TEST_UNIT: geometry.unit,
    TEST_STATE_SECTORS: geometry.stateSectors,
    TEST_SLOT_SECTORS: geometry.slotSectors,
  };
  const program = join(folder, own.join("-"));
  const sources = [
    ...["fake-flash", "device", "remember", ...own].map((name) => join(HERE, `${name}.c`)),
    ...CORE.map((name) => join(PORT, `${name}.c`)),
    join(folder, "root-keys.c"),
  ];
  const defines = Object.entries(numbers).map(([name, value]) => `-D${name}=${value}u`);
  const include = [HERE, PORT, ed25519].map((path) => `-I${path}`);
  await run(
    "gcc",
    ["-O2", "-g", ...WARN, ...SANITIZE, ...WRAP, ...defines, ...include, "-o", program, ...sources, ...objects],
    folder,
  );
  return program;
}

/** Runs a program to its end; what it printed. Throws what it said on stderr if it printed nothing. */
export async function run(program: string, args: readonly string[], folder: string): Promise<string> {
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => void (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => void (errors += chunk.toString()));
  const status = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  if (status !== 0 && output === "") throw new Error(`${program} ended with ${status}: ${errors.slice(0, 4000)}`);
  return output;
}
