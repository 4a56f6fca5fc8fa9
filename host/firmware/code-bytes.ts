// How much of an image's code a board compiles: all of it, or what it calls, where it has no memory for some modalities; as the build of the
// image found out and wrote down (build/kanmon.json).
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { projectRoot } from "../root.ts";
import { codeSizes } from "../wasm-sections.ts";
import { type BoardFacts, MODALITIES } from "./board.ts";
import { sha256 } from "./digest.ts";

const Built = z.object({
  digest: z.string(),
  code_bytes_of: z.record(z.string(), z.number()),
});

/** Bytes of the image's code section that run on the board. */
export function compiledBytes(wasm: Uint8Array, { modalities }: Pick<BoardFacts, "modalities">): number {
  const { codeBytes } = codeSizes(wasm);
  const absent = MODALITIES.filter((modality) => !modalities.includes(modality));
  const path = join(projectRoot(), "build", "kanmon.json");
  if (absent.length === 0 || !existsSync(path)) return codeBytes;
  const { digest, code_bytes_of } = Built.parse(JSON.parse(readFileSync(path, "utf8")));
  // Another image than was built here: what it calls is not known.
  if (digest !== sha256(wasm)) return codeBytes;
  return ["lab", ...absent].reduce((left, one) => left - (code_bytes_of[one] ?? 0), codeBytes);
}
