// How much of an image's code a board compiles: all of it, or all but that of modalities for which it has no memory, as far as the build
// of the image wrote down whose each function is (build/kanmon.json).
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { projectRoot } from "../root.ts";
import { codeSizes } from "../wasm-sections.ts";
import { type BoardFacts, MODALITIES } from "./board.ts";
import { sha256 } from "./digest.ts";

const Built = z.object({
  digest: z.string(),
  functions: z.array(z.object({ name: z.string(), bytes: z.number() })),
});

/** Bytes of the image's code section that run on the board. */
export function compiledBytes(wasm: Uint8Array, { modalities }: Pick<BoardFacts, "modalities">): number {
  const { codeBytes } = codeSizes(wasm);
  const absent = MODALITIES.filter((modality) => !modalities.includes(modality));
  const path = join(projectRoot(), "build", "kanmon.json");
  if (absent.length === 0 || !existsSync(path)) return codeBytes;
  const { digest, functions } = Built.parse(JSON.parse(readFileSync(path, "utf8")));
  // Another image than was built here: whose its functions are is not known.
  if (digest !== sha256(wasm)) return codeBytes;
  const isAbsent = (name: string): boolean => absent.some((modality) => name.startsWith(`assembly/${modality}/`));
  return functions.reduce((left, { name, bytes }) => left - (isAbsent(name) ? bytes : 0), codeBytes);
}
