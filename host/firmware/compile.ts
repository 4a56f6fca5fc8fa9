// Compiles C incrementally and alike everywhere: an object is made anew when its command, its compiler or anything it included has
// changed (by content, not by date), and no path of this machine reaches it (reproducible-builds.org, -ffile-prefix-map).
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join, relative, resolve } from "node:path";
import { EXIT, KanmonError } from "../errors.ts";
import { outputError } from "../folder.ts";
import type { Compiler } from "./compiler.ts";

/** A source and how it is compiled. */
export interface Unit {
  readonly source: string;
  readonly object: string;
  /** Arguments besides source and object. */
  readonly flags: readonly string[];
}

/** What was known of an object when it was made: digests of its command and of each file it depends on. */
interface Made {
  readonly command: string;
  readonly inputs: Readonly<Record<string, string>>;
}

/** Compiles what is not up to date, on all cores. Returns how many were. Throws KAN-BUILD-COMPILE with the compiler's words. */
export async function compile(
  { gcc, version }: Compiler,
  units: readonly Unit[],
  root: string,
  onUnit: (done: number) => void,
): Promise<number> {
  const digests = new Map<string, string>();
  const digest = (path: string): string => {
    const known = digests.get(path) ?? (existsSync(path) ? sha256(readFileSync(path)) : "gone");
    digests.set(path, known);
    return known;
  };
  const stale = units.filter((unit) => !upToDate(unit, commandDigest(unit, version, root), digest));
  let done = units.length - stale.length;
  onUnit(done);
  const waiting = [...stale];
  const worker = async (): Promise<void> => {
    for (let unit = waiting.shift(); unit; unit = waiting.shift()) {
      mkdirSync(dirname(unit.object), { recursive: true });
      // First: what was known of the object before is not true of one that a cut-off compiler leaves.
      rmSync(`${unit.object}.made`, { force: true });
      await run(gcc, ["-MMD", "-MF", `${unit.object}.d`, ...unit.flags, "-c", unit.source, "-o", unit.object], root);
      const inputs = Object.fromEntries(dependencies(`${unit.object}.d`, root).map((path) => [path, digest(path)]));
      const made: Made = { command: commandDigest(unit, version, root), inputs };
      writeFileSync(`${unit.object}.made`, JSON.stringify(made));
      onUnit(++done);
    }
  };
  // One that fails empties the queue, so that the others end soon and nothing is compiled behind the error's back.
  const guarded = (): Promise<void> =>
    worker().catch((error: unknown) => {
      waiting.length = 0;
      throw error;
    });
  const workers = await Promise.allSettled(Array.from({ length: availableParallelism() }, guarded));
  for (const result of workers) if (result.status === "rejected") throw result.reason;
  return stale.length;
}

/** Runs a program of the toolchain in `root`. Throws KAN-BUILD-COMPILE, KAN-BUILD-FIT, KAN-OUTPUT-FULL. */
export function run(program: string, args: readonly string[], root: string): Promise<string> {
  return new Promise((resolve, reject) => {
    // English messages and no colours: they end up in errors and in JSON.
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, LC_ALL: "C" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on("error", reject);
    child.on("close", (status) => (status === 0 ? resolve(output) : reject(compileError(program, args, output))));
  });
}

function upToDate(unit: Unit, command: string, digest: (path: string) => string): boolean {
  if (!existsSync(unit.object) || !existsSync(`${unit.object}.made`)) return false;
  let made: Made;
  try {
    made = JSON.parse(readFileSync(`${unit.object}.made`, "utf8")) as Made;
  } catch {
    return false; // cut short when it was written
  }
  return made.command === command && Object.entries(made.inputs).every(([path, was]) => digest(path) === was);
}

function commandDigest({ source, flags }: Unit, version: string, root: string): string {
  return sha256(JSON.stringify([version, relative(root, source), flags]));
}

/** The files that a dependency file of the compiler names; it ran in `root`. */
function dependencies(path: string, root: string): string[] {
  const text = readFileSync(path, "utf8").replaceAll("\\\n", " ");
  return text
    .slice(text.indexOf(": ") + 2)
    .trim()
    .split(/(?<!\\)\s+/)
    .map((name) => resolve(root, name.replaceAll("\\ ", " ")));
}

/** How much of a compiler's output an error quotes. */
const QUOTED_LINES = 40;

function compileError(program: string, args: readonly string[], output: string): KanmonError {
  const source = args[args.indexOf("-c") + 1];
  const what = args.includes("-c") && source ? basename(source) : `the output of ${basename(program)}`;
  const overflow = /region `?(\w+)'? overflowed by (\d+) bytes/.exec(output);
  if (overflow)
    return new KanmonError(
      "KAN-BUILD-FIT",
      `does not fit the board: ${overflow[1]} is ${overflow[2]} bytes too large`,
      "Make memory.linear or memory.pool in board.json smaller, or correct the linker script. Nothing was written.",
      EXIT.input,
    );
  if (output.includes("No space left on device"))
    return outputError(args[args.indexOf("-o") + 1] ?? what, { code: "ENOSPC" });
  const lines = output.trim().split("\n");
  const quoted = lines.slice(0, QUOTED_LINES).join("\n");
  return new KanmonError(
    "KAN-BUILD-COMPILE",
    `${what} could not be made:\n${quoted}${lines.length > QUOTED_LINES ? `\n… ${lines.length - QUOTED_LINES} more lines` : ""}`,
    "Correct the source that the message names; flags are in boards/port/sources.json and the board's board.json.",
    EXIT.input,
  );
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Where a source's object goes: as the source lies in the project. */
export function objectPath(folder: string, source: string, root: string): string {
  return join(folder, "objects", `${relative(root, source).replaceAll("../", "")}.o`);
}
