// NOTICES.txt of a firmware: who wrote the third-party software in it, and under which license. Made from the license files of what is
// compiled in, so that a new package brings its notice along, and one without a license file stops the build.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { EXIT, KanmonError } from "../errors.ts";
import { packageFolder, projectRoot } from "../root.ts";
import type { Engine } from "./board.ts";
import { cLibrary } from "./c-library.ts";
import { loadSources } from "./sources.ts";

/** What decides about the parts of a firmware. */
export interface NoticesFor {
  readonly engine: Engine;
  /** Of the compiler, as in board.json: empty for this machine's own. */
  readonly prefix: string;
}

/** Names by which people know what a package carries. */
const KNOWN_AS: Readonly<Record<string, string>> = {
  "react-native-webassembly": "wasm3, WebAssembly interpreter",
  "ed25519-supercop": "Ed25519, portable C implementation",
};

/** A package whose C is compiled into firmware. */
export interface CPackage {
  readonly name: string;
  readonly version: string;
  /** Copyright lines that stand in its sources. */
  readonly copyrights: readonly string[];
  /** The text of the license file nearest to the sources. */
  readonly license: string;
}

/** The text of NOTICES.txt. Throws KAN-BUILD-NOTICES: a package has no license file; KAN-BUILD-SOURCES: one is not installed. */
export function notices({ engine, prefix }: NoticesFor): string {
  const assemblyscript = installed("assemblyscript");
  const library = cLibrary(prefix);
  const sections = [
    ...cPackages(engine).map(({ name, version, copyrights, license }) =>
      section(`${KNOWN_AS[name] ?? name} (npm package ${name} ${version})`, [...copyrights, "", license]),
    ),
    section(`AssemblyScript ${version(assemblyscript)}, standard library (in the image)`, [
      "Apache License, Version 2.0; the text stands at the end.",
      "",
      read(join(assemblyscript, "NOTICE")),
    ]),
    ...(engine === "aot"
      ? [
          section("WABT, the WebAssembly Binary Toolkit: C made by wasm2c", [
            "Copyright 2016-2023 WebAssembly Community Group participants",
            "Apache License, Version 2.0; the text stands at the end.",
          ]),
        ]
      : []),
    ...(prefix === ""
      ? []
      : [
          section(`${library.name}, C library`, [
            library.text ??
              "Its license texts come with the toolchain, and were not found on the machine that built this firmware.",
          ]),
          section("libgcc, the compiler's run-time library", [
            "GNU General Public License, version 3 or later, with the GCC Runtime Library Exception, version 3.1, which permits to convey",
            "programs compiled with GCC under terms of one's choice: https://www.gnu.org/licenses/gcc-exception-3.1.html",
          ]),
        ]),
    section("Apache License, Version 2.0", [read(join(assemblyscript, "LICENSE"))]),
  ];
  return `Third-party software in this firmware. Kanmon itself is under the Apache License, Version 2.0.\n\n${sections.join("\n")}`;
}

/** The packages whose C is compiled into firmware of an engine, as boards/port/sources.json names them. */
export function cPackages(engine: Engine): CPackage[] {
  const found = new Map<string, CPackage>();
  const own = join(projectRoot(), "boards");
  for (const { sources } of loadSources(engine, false).groups)
    for (const source of sources) {
      const folder = dirname(source);
      if (relative(own, folder).startsWith("..") && !found.has(folder)) found.set(folder, describe(folder, sources));
    }
  return [...found.values()];
}

function describe(folder: string, sources: readonly string[]): CPackage {
  const license = nearestLicense(folder);
  const root = packageOf(folder);
  const headers = readdirSync(folder)
    .filter((name) => extname(name) === ".h")
    .map((name) => join(folder, name));
  const lines = [...sources.filter((source) => dirname(source) === folder), ...headers].flatMap((path) =>
    [...read(path).matchAll(/Copyright (?:©|\(c\)).*/gi)].map(([line]) =>
      line.replace(/ All rights reserved\.$/, "").trim(),
    ),
  );
  return { name: json(root).name, version: version(root), copyrights: [...new Set(lines)].sort(), license };
}

/** The text of the license file nearest above a folder, not beyond its package. Throws KAN-BUILD-NOTICES. */
export function nearestLicense(folder: string): string {
  const file = readdirSync(folder).find((name) => /^(licen[cs]e|copying)(\.|$)/i.test(name));
  if (file) return read(join(folder, file)).trim();
  if (!existsSync(join(folder, "package.json"))) return nearestLicense(dirname(folder));
  throw new KanmonError(
    "KAN-BUILD-NOTICES",
    `the package ${json(folder).name} has C that goes into firmware, and no license file`,
    "Ask its authors for one: what has no license may not be shipped.",
    EXIT.input,
  );
}

function packageOf(folder: string): string {
  return existsSync(join(folder, "package.json")) ? folder : packageOf(dirname(folder));
}

function installed(name: string): string {
  const folder = packageFolder(name);
  if (folder) return folder;
  throw new KanmonError(
    "KAN-BUILD-SOURCES",
    `the npm package ${name} is not installed`,
    "Run `npm ci` in the checkout.",
    EXIT.input,
  );
}

function version(folder: string): string {
  return json(folder).version;
}

function json(folder: string): { name: string; version: string } {
  return JSON.parse(read(join(folder, "package.json"))) as { name: string; version: string };
}

function read(path: string): string {
  return readFileSync(path, "utf8");
}

function section(title: string, lines: readonly string[]): string {
  return `${"=".repeat(80)}\n${title}\n${"=".repeat(80)}\n\n${lines.join("\n").trim()}\n`;
}
