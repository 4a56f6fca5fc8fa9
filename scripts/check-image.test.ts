// The image's rules can be broken, and the check says so: each module here breaks one.
import { join } from "node:path";
import asc from "assemblyscript/asc";
import { describe, expect, it } from "vitest";
import { checkImage, RECOVERY_RULES } from "./check-image.ts";

/** Compiles one AssemblyScript file with the image's options. */
async function compile(source: string, more: string[] = []): Promise<Uint8Array> {
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main(
    [
      "module.ts",
      "--config",
      "none",
      "--runtime",
      "stub",
      "--use",
      "abort=",
      "--debug",
      "-O2",
      "-o",
      "module.wasm",
      ...more,
    ],
    {
      readFile: (name) => (name === "module.ts" ? source : null),
      writeFile: (name, contents) => {
        if (name.endsWith(".wasm")) binary = contents as Uint8Array;
      },
      listFiles: () => [],
    },
  );
  if (error || !binary) throw new Error(stderr.toString());
  return binary;
}

async function violations(source: string, more: string[] = ["--maximumMemory", "16"]): Promise<string> {
  return (await checkImage(await compile(source, more))).violations.join("\n");
}

describe("the image check", () => {
  it("finds what allocates", async () => {
    const text = await violations("export function start(n: i32): i32 { return new Array<i32>(n).length; }");
    expect(text).toMatch(/is in the image: something allocates after start/);
  });

  it("finds imports that no board has, and exports that are not in the contract", async () => {
    const text = await violations(
      "declare function fetch_it(): i32;\nexport function extra(): i32 { return fetch_it(); }",
    );
    expect(text).toContain("fetch_it is not a function of a board");
    expect(text).toContain("export extra is not in the contract");
    expect(text).toContain("export start is missing");
  });

  it("finds memory without a ceiling, and instructions that wasm3 does not run", async () => {
    expect(await violations("export function start(): i32 { return memory.size(); }", [])).toContain(
      "linear memory may grow",
    );
    const simd = "export function start(p: usize): void { v128.store(p, i32x4.add(v128.load(p), v128.load(p, 16))); }";
    expect(await violations(simd, ["--maximumMemory", "16", "--enable", "simd"])).toMatch(/validate|is not allowed/);
  });

  it("has nothing to say about the images themselves; the recovery image may do less than the reader", async () => {
    const reader = await build("--config", "asconfig.json", "--target", "release");
    expect((await checkImage(reader)).violations).toEqual([]);
    const text = (await checkImage(reader, RECOVERY_RULES)).violations.join("\n");
    expect(text).toContain("import board.flash_write is not a function of a board");
    expect(text).toContain("export lab_extract is not in the contract");
    expect(text).toContain("the code section has");
    const recovery = await build("--config", "assembly/recovery.asconfig.json");
    expect((await checkImage(recovery, RECOVERY_RULES)).violations).toEqual([]);
  });
});

/** Compiles an image of the project, writing nothing. */
async function build(...options: string[]): Promise<Uint8Array> {
  let named: Uint8Array | undefined;
  const { error } = await asc.main([...options, "--baseDir", join(import.meta.dirname, "..")], {
    writeFile: (name, contents) => {
      if (name.endsWith(".wasm")) named = contents as Uint8Array;
    },
  });
  expect(error).toBeNull();
  return named as Uint8Array;
}
