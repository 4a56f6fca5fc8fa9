// The documents say what the code does: every error code is explained, and every explained code exists.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const errors = readFileSync(join(root, "docs/errors.md"), "utf8");

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map((name) => readFileSync(join(root, folder, name), "utf8"));
}

describe("docs/errors.md", () => {
  const text = ["host", "hal", "link"].flatMap(sources).join("\n");
  const used = new Set([...text.matchAll(/"(KAN-[A-Z-]+)"/g)].map(([, code]) => code as string));

  it("explains every code in the sources", () => {
    expect([...used].filter((code) => !errors.includes(`\`${code}\``)).sort()).toEqual([]);
  });

  it("explains no code that does not exist", () => {
    const explained = new Set(errors.match(/KAN-[A-Z]+(?:-[A-Z]+)*/g));
    // A family's codes are put together from its faults: KAN-PICTURE-${fault}.
    const families = [...text.matchAll(/(KAN-[A-Z]+-)\$\{/g)].map(([, family]) => family as string);
    const unknown = [...explained].filter(
      (code) => !used.has(code) && !families.some((family) => code.startsWith(family)),
    );
    expect(unknown.sort()).toEqual([]);
  });

  it("explains every result code of group 64 by its number", () => {
    const rc = readFileSync(join(root, "assembly/session/rc.ts"), "utf8");
    for (const [, name, number] of rc.matchAll(/const RC_(\w+): i32 = (\d+)/g))
      expect(errors, name).toMatch(new RegExp(`^\\| ${number} \\| ${(name as string).toLowerCase()} \\|`, "m"));
  });
});

it("docs/threat-model.md names tests that are there", () => {
  const model = readFileSync(join(root, "docs/threat-model.md"), "utf8");
  const named = [...model.matchAll(/`((?:tests|host|boards)\/[\w./-]+)`/g)].map(([, path]) => path as string);
  expect(named.length).toBeGreaterThan(20);
  expect([...new Set(named)].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
