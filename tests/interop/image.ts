// The image's log, sealing and policy code as host tests call it: compiled from assembly/ by the real compiler into a harness
// (assembly/__tests__/pec-harness.ts) and given a board whose keys are real and whose randomness repeats.
import { createHash, createHmac, createPrivateKey, sign, verify } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import asc from "assemblyscript/asc";
import { ed25519Key, rawKey } from "../../host/cose.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const HARNESS = join(root, "build/pec/harness.wasm");
const OPTIONS =
  "--config none --runtime stub --use abort=assembly/board/abort --enable sign-extension,nontrapping-f2i,bulk-memory --disable simd -O3 --shrinkLevel 1 --maximumMemory 16";

/** The test device's key. */
export const DEVICE_KEY = createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, 7)]),
  format: "der",
  type: "pkcs8",
});

type Call = (...args: (number | bigint)[]) => number;

/** An instance of the harness. */
export interface Image {
  /** Its exported functions. */
  call: Record<string, Call>;
  /** Copies bytes to scratch memory at an offset and returns their address. */
  put(bytes: Uint8Array, offset?: number): number;
  /** Copies bytes out of memory. */
  get(address: number, length: number): Uint8Array;
  /** The board's faults and root key, for tests to set. */
  board: { randomFails: boolean; keyFails: boolean; rootKey: string };
}

/** Compiles the harness where it is missing or older than the image's sources. */
export async function buildImage(): Promise<WebAssembly.Module> {
  const files = readdirSync(join(root, "assembly"), { recursive: true, encoding: "utf8" }).filter((f) =>
    f.endsWith(".ts"),
  );
  const newest = Math.max(...files.map((f) => statSync(join(root, "assembly", f)).mtimeMs));
  if ((statSync(HARNESS, { throwIfNoEntry: false })?.mtimeMs ?? 0) < newest) {
    mkdirSync(dirname(HARNESS), { recursive: true });
    const part = `build/pec/harness.${process.pid}.wasm`;
    const args = ["assembly/__tests__/pec-harness.ts", "--baseDir", root, ...OPTIONS.split(" "), "--outFile", part];
    const { error, stderr } = await asc.main(args);
    if (error) throw new Error(stderr.toString());
    renameSync(join(root, part), HARNESS);
  }
  return new WebAssembly.Module(readFileSync(HARNESS));
}

/** Starts the harness on its test board. */
export function startImage(module: WebAssembly.Module): Image {
  const board = { randomFails: false, keyFails: false, rootKey: "a test board's root key" };
  let draws = 0;
  const imports = {
    random(address: number, length: number) {
      if (board.randomFails) return -1;
      const bytes = createHash("sha512").update(`draw ${draws++}`).digest();
      view(address, length).set(bytes.subarray(0, length));
      return 0;
    },
    derive_key(context: number, length: number, out: number) {
      if (board.keyFails) return -1;
      view(out, 32).set(createHmac("sha256", board.rootKey).update(view(context, length)).digest());
      return 0;
    },
    sign(address: number, length: number, signature: number) {
      view(signature, 64).set(sign(null, view(address, length), DEVICE_KEY));
      return 0;
    },
    verify: (key: number, address: number, length: number, signature: number) =>
      Number(verify(null, view(address, length), ed25519Key(view(key, 32)), view(signature, 64))),
    public_key(out: number) {
      view(out, 32).set(rawKey(DEVICE_KEY));
      return 0;
    },
  };
  const { exports } = new WebAssembly.Instance(module, { board: imports });
  const memory = exports.memory as WebAssembly.Memory;
  const view = (address: number, length: number) => new Uint8Array(memory.buffer, address, length);
  const call = exports as unknown as Record<string, Call>;
  const base = (call.scratch as Call)();
  memory.grow(4);
  return {
    call,
    put(bytes, offset = 0) {
      view(base + offset, bytes.length).set(bytes);
      return base + offset;
    },
    get: (address, length) => view(address, length).slice(),
    board,
  };
}
