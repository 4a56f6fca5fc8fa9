// A C program of the tests, built with this machine's compiler and the sanitizers, so that whatever is undefined ends it.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProgram } from "../../host/firmware/compiler.ts";
import { loadSources } from "../../host/firmware/sources.ts";
import { projectRoot } from "../../host/root.ts";

/** Whether C can be compiled here; without, tests of C are skipped and say so. */
export const hasC = findProgram("gcc") !== undefined;
if (!hasC) console.warn("no gcc: the tests of the firmware's C are skipped (scripts/toolchain.sh installs it)");

export interface CProgram {
  /** Runs it with these lines on stdin; its lines on stdout. Throws with what it said when it fails. */
  run(lines?: readonly string[], args?: readonly string[]): string[];
  /** A folder that is removed with the program. */
  readonly folder: string;
  remove(): void;
}

export interface CProgramOptions {
  /** From the project's folder. */
  readonly sources: readonly string[];
  /** Folders of headers, searched before boards/port. */
  readonly include: readonly string[];
  /** Groups of sources.json that come with it, whole. */
  readonly groups?: readonly string[];
  readonly flags?: readonly string[];
}

const SANITIZE = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1"];

/** Objects of groups, which no test changes: compiled once in a process. */
const compiledGroups = new Map<string, readonly string[]>();

/** Compiles and links. */
export function buildC({ sources, include, groups = [], flags = [] }: CProgramOptions): CProgram {
  const root = projectRoot();
  const folder = mkdtempSync(join(tmpdir(), "kanmon-c-"));
  const known = loadSources("wasm3", false);
  const forLink = flags.filter((flag) => flag.startsWith("-Wl,"));
  const forC = ["-std=c11", "-ffp-contract=off", ...SANITIZE, ...flags.filter((flag) => !forLink.includes(flag))];
  const gcc = (args: readonly string[]) => execFileSync("gcc", args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const paths = [...include, "boards/port"].map((path) => `-I${path}`);
  const compile = (source: string, object: string, more: readonly string[]): string => {
    gcc([...forC, ...paths, ...more, "-c", source, "-o", object]);
    return object;
  };
  const compileGroup = (name: string): readonly string[] => {
    const key = [name, ...forC, ...paths].join(" ");
    const group = known.groups.find((each) => each.name === name);
    if (!group) throw new Error(`sources.json has no group ${name}`);
    const more = [...group.flags, ...group.include.map((path) => `-I${path}`)];
    const objects =
      compiledGroups.get(key) ??
      group.sources.map((source, i) => compile(source, join(groupsFolder(), `${compiledGroups.size}-${i}.o`), more));
    compiledGroups.set(key, objects);
    return objects;
  };
  const packages = [...new Set(known.groups.flatMap((group) => group.include))].map((path) => `-isystem${path}`);
  const own = ["-Wall", "-Wextra", "-Werror", ...packages];
  const objects = [
    ...sources.map((source, i) => compile(source, join(folder, `${i}.o`), own)),
    ...groups.flatMap(compileGroup),
  ];
  const program = join(folder, "program");
  gcc([...SANITIZE, ...forLink, ...objects, "-o", program, "-lm"]);
  return {
    folder,
    run: (lines = [], args = []) => {
      const input = lines.map((line) => `${line}\n`).join("");
      const { status, signal, stdout, stderr } = spawnSync(program, args, { input, maxBuffer: 1 << 26 });
      if (status !== 0) throw new Error(`ended with ${signal ?? status}: ${stderr}`);
      return stdout.toString().split("\n").slice(0, -1);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

let shared: string | undefined;
function groupsFolder(): string {
  if (shared) return shared;
  const folder = mkdtempSync(join(tmpdir(), "kanmon-c-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  shared = folder;
  return folder;
}
