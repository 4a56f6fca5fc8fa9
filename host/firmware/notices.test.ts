// Notices of a firmware: every package whose C is compiled in is named with its authors and its license.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { projectRoot } from "../root.ts";
import { ENGINES } from "./board.ts";
import { cLibrary } from "./c-library.ts";
import { cPackages, nearestLicense, notices } from "./notices.ts";

const read = (...path: string[]) => readFileSync(join(projectRoot(), ...path), "utf8");

describe("notices", () => {
  it("miss no package whose C is in boards/port/sources.json, and each is a pinned dependency", () => {
    const { groups } = JSON.parse(read("boards/port/sources.json")) as {
      groups: { folder: string; engine?: string }[];
    };
    const { devDependencies } = JSON.parse(read("package.json")) as { devDependencies: Record<string, string> };
    for (const engine of ENGINES) {
      const named = groups
        .filter((group) => (group.engine ?? engine) === engine)
        .flatMap(({ folder }) => /^npm:((?:@[^/]+\/)?[^/]+)/.exec(folder)?.[1] ?? []);
      const text = notices({ engine, prefix: "" });
      expect(named.length, engine).toBeGreaterThan(0);
      expect(
        cPackages(engine)
          .map(({ name }) => name)
          .sort(),
        engine,
      ).toEqual([...new Set(named)].sort());
      for (const name of named) expect(text).toContain(`npm package ${name} ${devDependencies[name]})`);
    }
  });

  it("name authors and carry the licenses", () => {
    const wasm3 = notices({ engine: "wasm3", prefix: "" });
    expect(wasm3).toMatch(/Copyright © 2019 Steven Massey, Volodymyr Shymanskyy\./);
    expect(wasm3).toContain("The above copyright notice and this permission notice shall be included in all");
    expect(wasm3).toContain("Copyright (c) 2015 Orson Peters");
    expect(wasm3).toContain("This notice may not be removed or altered from any source distribution.");
    expect(wasm3).toContain("musl libc");
    expect(wasm3).toContain("TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION");
    expect(wasm3).not.toContain("WABT");
    const aot = notices({ engine: "aot", prefix: "" });
    expect(aot).toContain("WebAssembly Community Group participants\nApache");
    expect(aot).not.toContain("wasm3");
  });

  it("name the C library and the compiler's run-time library of a cross compiler", () => {
    for (const [prefix, name, author] of [
      ["arm-none-eabi-", "newlib", "The Regents of the University of California"],
      ["riscv64-unknown-elf-", "picolibc", "Keith Packard"],
    ] as const) {
      const text = notices({ engine: "aot", prefix });
      expect(text).toContain(`${name}, C library`);
      expect(text).toContain("GCC Runtime Library Exception");
      // Where the toolchain is not installed, the notices say that its texts were not there.
      expect(text).toContain(cLibrary(prefix).text === undefined ? "were not found" : author);
    }
    expect(notices({ engine: "aot", prefix: "xtensa-" })).toContain("the C library of xtensa-gcc");
  });

  it("leave out of picolibc what is never linked", () => {
    const { text = "" } = cLibrary("riscv64-unknown-elf-");
    expect(text).not.toMatch(/GNU (Affero )?General Public License|AGPL/);
    if (existsSync("/usr/share/doc/picolibc-riscv64-unknown-elf/copyright"))
      expect(text).toContain("Redistributions in binary form must reproduce");
  });

  it("stop the build at a package without a license file", () => {
    const folder = mkdtempSync(join(tmpdir(), "kanmon-notices-"));
    mkdirSync(join(folder, "src"));
    writeFileSync(join(folder, "package.json"), '{"name": "nobody", "version": "1.0.0"}');
    expect(() => nearestLicense(join(folder, "src"))).toThrow(expect.objectContaining({ code: "KAN-BUILD-NOTICES" }));
    writeFileSync(join(folder, "LICENCE.md"), "yes\n");
    expect(nearestLicense(join(folder, "src"))).toBe("yes");
    rmSync(folder, { recursive: true });
  });
});
