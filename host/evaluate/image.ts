// The image that is evaluated: the shipped bytes, known by their digest.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { EXIT, KanmonError } from "../errors.ts";

export interface Image {
  readonly path: string;
  readonly bytes: Buffer;
  /** SHA-256, hexadecimal. */
  readonly digest: string;
  readonly module: WebAssembly.Module;
}

/** Loads the image at `path`; not given: the project's own, `build/kanmon.wasm`. */
export function loadImage(path = join(projectRoot(), "build", "kanmon.wasm")): Image {
  const fail = (what: string) =>
    new KanmonError("KAN-IMAGE", `${path}: ${what}`, "Build the image: npm run build.", EXIT.input);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw fail(`cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  let module: WebAssembly.Module;
  try {
    module = new WebAssembly.Module(bytes as BufferSource);
  } catch {
    throw fail("is not a WebAssembly module");
  }
  if (!WebAssembly.Module.exports(module).some(({ name }) => name === "lab_extract")) throw fail("has no lab exports");
  return { path, bytes, digest: createHash("sha256").update(bytes).digest("hex"), module };
}

/** The folder of package.json: the sources lie in it, and the compiled files below it. */
function projectRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
