// Incremental compiling with a real compiler: nothing twice, everything that changed, errors in the compiler's words.
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { compile, objectPath, run, type Unit } from "./compile.ts";
import { findProgram } from "./compiler.ts";

const gcc = findProgram("gcc");
const compiler = { gcc: gcc ?? "", objcopy: "", version: "test 1" };
let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "kanmon-compile-"));
  writeFileSync(join(root, "a.c"), '#include "a.h"\nint a(void) { return A; }\n');
  writeFileSync(join(root, "a.h"), "#define A 1\n");
  writeFileSync(join(root, "b.c"), "int b(void) { return 2; }\n");
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const units = (flags: string[] = []): Unit[] =>
  ["a.c", "b.c"].map((name) => ({
    source: join(root, name),
    object: objectPath(join(root, "out"), join(root, name), root),
    flags: ["-Wall", "-Werror", `-ffile-prefix-map=${root}=.`, "-g", ...flags],
  }));
const made = (which = units(), by = compiler) => compile(by, which, root, () => undefined);

describe.skipIf(!gcc)("compiling", () => {
  it("makes what is not there, and then nothing", async () => {
    expect(await made()).toBe(2);
    expect(await made()).toBe(0);
  });

  it("goes by content: a header that changed, not one that was touched", async () => {
    await made();
    utimesSync(join(root, "a.h"), new Date(), new Date());
    expect(await made()).toBe(0);
    writeFileSync(join(root, "a.h"), "#define A 3\n");
    expect(await made()).toBe(1);
    rmSync(join(root, "out/objects/b.c.o"));
    expect(await made()).toBe(1);
  });

  it("goes by command and compiler too", async () => {
    await made();
    expect(await made(units(["-O2"]))).toBe(2);
    expect(await made(units(["-O2"]), { ...compiler, version: "test 2" })).toBe(2);
  });

  it("an object has no path of this machine in it", async () => {
    await made();
    expect(readFileSync(join(root, "out/objects/a.c.o")).includes(root)).toBe(false);
  });

  it("does not take a compiler that was cut off for one that never ran", async () => {
    await made();
    // Writes the object and is gone before anybody notes it.
    const cut = join(root, "cut");
    writeFileSync(cut, `#!/bin/sh\n"${gcc}" "$@"\nkill -9 $$\n`, { mode: 0o700 });
    const before = readFileSync(join(root, "a.c"));
    writeFileSync(join(root, "a.c"), "int a(void) { return 77; }\n");
    await expect(made(units(), { ...compiler, gcc: cut })).rejects.toThrow();
    writeFileSync(join(root, "a.c"), before);
    expect(await made()).toBe(1);
  });

  it.skipIf(!existsSync("/dev/full"))("a full disk is no fault of the source", async () => {
    const args = ["-c", join(root, "b.c"), "-o", "/dev/full"];
    await expect(run(compiler.gcc, args, root)).rejects.toMatchObject({ code: "KAN-OUTPUT-FULL" });
  });

  it("an error is the compiler's own, and what failed is tried again", async () => {
    writeFileSync(join(root, "a.c"), "int a(void) { return mistake; }\n");
    const failure = { code: "KAN-BUILD-COMPILE", message: expect.stringMatching(/a\.c.*mistake/s) };
    await expect(made()).rejects.toMatchObject(failure);
    await expect(made()).rejects.toMatchObject(failure);
    writeFileSync(join(root, "a.c"), "int a(void) { return 1; }\n");
    expect(await made()).toBeGreaterThan(0);
  });
});
